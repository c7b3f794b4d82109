use super::*;
use crate::model::{Column, Sort};

fn view(name: &str) -> ViewSettings {
    ViewSettings {
        name: name.into(),
        query: "kev:yes".into(),
        sort: Sort::Newest,
        columns: vec![],
    }
}

fn add(name: &str) -> Edit {
    Edit::AddView { view: view(name) }
}

fn replace(name: &str, view: ViewSettings) -> Edit {
    Edit::ReplaceView {
        name: name.into(),
        view,
    }
}

fn remove(name: &str) -> Edit {
    Edit::RemoveView { name: name.into() }
}

fn shift(name: &str, to: u32) -> Edit {
    Edit::MoveView {
        name: name.into(),
        to,
    }
}

fn names(folder: &Folder) -> Vec<String> {
    let views = folder.settings().views;
    views.into_iter().map(|v| v.name).collect()
}

const BY_HAND: &str = r#"# header

# about a
[[views]]
name = "a" # behind a
query = "cvss>7"
sort = "score"
later = 1

[api]
port = 9000

# apart

# about b
[[views]]
name = "b"
query = ""

[views.more]
deep = 1

[[views]]
name = "c"
"#;

#[test]
fn a_view_is_written_without_what_is_usual() {
    let folder = Folder::empty();
    folder.edit(add(" Known ")).unwrap();
    let full = ViewSettings {
        query: " severity:high \"a\" ".into(),
        sort: Sort::TextMatch,
        columns: vec![Column::Score, Column::Tags],
        ..view("Text")
    };
    folder.edit(Edit::AddView { view: full }).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    # Tocsin's settings. Edit by hand or in the window: comments and order stay.
    # Every key is optional. Passwords and keys do not belong here but into .env beside this file.

    [general]

    [[views]]
    name = "Known"
    query = "kev:yes"

    [[views]]
    name = "Text"
    query = 'severity:high "a"'
    sort = "text_match"
    columns = ["score", "tags"]
    "#);
    let views = folder.settings().views;
    assert_eq!(views[0], view("Known"));
    assert_eq!(views[1].columns, [Column::Score, Column::Tags]);
    assert_eq!(views[1].query, "severity:high \"a\"");
}

#[test]
fn a_replaced_view_keeps_its_place_and_what_is_unknown() {
    let folder = Folder::with(&BY_HAND.replace("[views.more]\ndeep = 1\n\n", ""));
    let new = ViewSettings {
        columns: vec![Column::Epss],
        ..view("Renamed")
    };
    folder.edit(replace("A", new)).unwrap();
    folder.edit(replace("b", view("B"))).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    # header

    # about a
    [[views]]
    name = "Renamed" # behind a
    query = "kev:yes"
    later = 1
    columns = ["epss"]

    [api]
    port = 9000

    # apart

    # about b
    [[views]]
    name = "B"
    query = "kev:yes"

    [[views]]
    name = "c"
    "#);
}

#[test]
fn a_moved_view_takes_along_what_is_about_it() {
    let folder = Folder::with(BY_HAND);
    let edit = |edit: &Edit| {
        let loaded = Settings::load(&folder.paths, &Environment::default());
        assert_eq!(loaded.settings.views.len(), 3);
        apply(&folder.paths, &Environment::default(), edit).unwrap();
    };
    edit(&shift("b", 0));
    insta::assert_snapshot!(folder.text(), @r#"
    # header

    # about b
    [[views]]
    name = "b"
    query = ""

    [views.more]
    deep = 1

    [api]
    port = 9000

    # apart

    # about a
    [[views]]
    name = "a" # behind a
    query = "cvss>7"
    sort = "score"
    later = 1

    [[views]]
    name = "c"
    "#);
    edit(&shift("B", 1));
    assert_eq!(folder.text(), BY_HAND);
}

#[test]
fn a_view_moves_to_every_place_in_both_forms() {
    let check = |text: &str, name: &str, to: u32, expect: &[&str]| {
        let folder = Folder::with(text);
        folder.edit(shift(name, to)).unwrap();
        assert_eq!(names(&folder), expect, "{name} to {to} in {text}");
    };
    for text in [
        "[[views]]\nname = \"a\"\n[[views]]\nname = \"b\"\n[[views]]\nname = \"c\"\n",
        "views = [{ name = \"a\" }, { name = \"b\" }, { name = \"c\" }]\n",
    ] {
        check(text, "a", 0, &["a", "b", "c"]);
        check(text, "a", 1, &["b", "a", "c"]);
        check(text, "a", 2, &["b", "c", "a"]);
        check(text, "a", u32::MAX, &["b", "c", "a"]);
        check(text, "C", 0, &["c", "a", "b"]);
        check(text, "c", 1, &["a", "c", "b"]);
        check(text, "b", 1, &["a", "b", "c"]);
    }
}

#[test]
fn a_view_that_is_not_in_effect_counts_for_no_place() {
    let folder = Folder::with(
        "[[views]]\nname = \"a\"\n[[views]]\nname = \"off\"\nquery = 5\n[[views]]\nname = \"b\"\n",
    );
    folder.edit(shift("b", 0)).unwrap();
    let order: Vec<_> = folder
        .text()
        .lines()
        .filter_map(|l| l.strip_prefix("name = ").map(str::to_owned))
        .collect();
    assert_eq!(order, ["\"b\"", "\"a\"", "\"off\""]);
    assert_eq!(folder.refused(add("OFF")), "view_exists");
    folder.edit(replace("off", view("on"))).unwrap();
    assert_eq!(names(&folder), ["b", "a", "on"]);
}

#[test]
fn views_in_a_plain_list_are_edited_too() {
    let folder = Folder::with("views = [{ name = \"a\" }, { name = \"b\", sort = \"epss\" }]\n");
    folder.edit(add("c")).unwrap();
    folder.edit(replace("b", view("B"))).unwrap();
    folder.edit(remove("a")).unwrap();
    folder.edit(shift("c", 0)).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    views = [{ name = "c", query = "kev:yes" }, { name = "B", query = "kev:yes" }]
    "#);
    folder.edit(remove("b")).unwrap();
    folder.edit(remove("c")).unwrap();
    assert_eq!(folder.text(), "views = []\n");
}

#[test]
fn comments_in_a_plain_list_move_with_their_view() {
    let folder = Folder::with(
        r#"views = [ # mine
  # apart

  # above a
  { name = "a" }, # behind a
  { name = "b" },
  # above c
  { name = "c" } # behind c
]
"#,
    );
    folder.edit(shift("c", 0)).unwrap();
    folder.edit(add("d")).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    views = [ # mine
      # apart

      # above c
      { name = "c" }, # behind c
      # above a
      { name = "a" }, # behind a
      { name = "b" },
      { name = "d", query = "kev:yes" }
    ]
    "#);
    for name in ["c", "d", "b", "a"] {
        folder.edit(remove(name)).unwrap();
    }
    insta::assert_snapshot!(folder.text(), @r"
    views = [ # mine
      # apart

    ]
    ");
}

#[test]
fn the_comment_apart_outlives_the_last_view() {
    let folder = Folder::with(BY_HAND);
    for name in ["c", "b", "a"] {
        folder.edit(remove(name)).unwrap();
    }
    assert_eq!(folder.text(), "\n[api]\nport = 9000\n# header\n\n# apart\n");
}

#[test]
fn comments_survive_in_a_file_of_another_system() {
    let folder = Folder::with(&BY_HAND.replace('\n', "\r\n"));
    let edit = |edit| apply(&folder.paths, &Environment::default(), &edit).unwrap();
    edit(shift("c", 0));
    edit(shift("b", 0));
    edit(remove("a"));
    let text = folder.text().replace('\r', "");
    assert!(
        text.starts_with("# header\n\n# about b\n[[views]]"),
        "{text}"
    );
    assert!(
        text.contains("# apart\n") && !text.contains("about a"),
        "{text}"
    );
    let plain = "views = [\r\n  { name = \"a\" }, # a\r\n  # b\r\n  { name = \"b\" },\r\n]\r\n";
    let folder = Folder::with(plain);
    folder.edit(shift("b", 0)).unwrap();
    assert_eq!(names(&folder), ["b", "a"]);
    folder.edit(remove("b")).unwrap();
    assert_eq!(
        folder.text().replace('\r', ""),
        "views = [\n  { name = \"a\" }, # a\n]\n"
    );
}

#[test]
fn views_that_cannot_be_are_refused() {
    let folder = Folder::with("[[views]]\nname = \"a\"\n[[views]]\nname = \"b\"\n");
    let check = |edit, code: &str| assert_eq!(folder.refused(edit), code);
    check(add(" "), "view_name_invalid");
    check(add("x\ny"), "view_name_invalid");
    check(add(&"x".repeat(61)), "view_name_invalid");
    check(add(" A"), "view_exists");
    check(replace("a", view("B")), "view_exists");
    check(replace("c", view("d")), "view_unknown");
    check(remove("c"), "view_unknown");
    check(shift("c", 0), "view_unknown");
    let long = ViewSettings {
        query: "x".repeat(4097),
        ..view("a")
    };
    check(replace("a", long), "query_too_long");
    fs::write(&folder.paths.settings_file, "views = 1\n").unwrap();
    check(add("a"), "settings_wrong_shape");
}

#[test]
fn there_are_at_most_fifty_views() {
    let text: String = (0..50)
        .map(|i| format!("[[views]]\nname = \"v{i}\"\n"))
        .collect();
    let folder = Folder::with(&text);
    assert_eq!(folder.refused(add("one more")), "too_many_views");
    folder.edit(replace("v7", view("seven"))).unwrap();
    folder.edit(remove("v8")).unwrap();
    folder.edit(add("one more")).unwrap();
    assert_eq!(names(&folder).len(), 50);
}

#[test]
fn a_query_of_any_text_comes_back_as_it_was() {
    for query in ["\"a ''' b\" \\x \t.c", "a\nb", "ünï #x]", "'x"] {
        for file in ["", "views = []\n"] {
            let folder = Folder::with(file);
            let odd = ViewSettings {
                query: query.into(),
                ..view("'x\" #]")
            };
            folder.edit(Edit::AddView { view: odd.clone() }).unwrap();
            assert_eq!(folder.settings().views, [odd]);
        }
    }
}

#[test]
fn a_views_edit_comes_over_the_wire() {
    let json = r#"{"kind":"move_view","name":"a","to":2}"#;
    assert_eq!(serde_json::from_str::<Edit>(json).unwrap(), shift("a", 2));
    let json =
        r#"{"kind":"add_view","view":{"name":"a","query":"kev:yes","sort":"newest","columns":[]}}"#;
    assert_eq!(serde_json::from_str::<Edit>(json).unwrap(), add("a"));
}
