use super::*;
use crate::settings::{Environment, Loaded, Paths, Settings};

fn load(text: &str) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    std::fs::write(&paths.settings_file, text).unwrap();
    Settings::load(&paths, &Environment::default())
}

fn names(loaded: &Loaded) -> Vec<&str> {
    let views = &loaded.settings.views;
    views.iter().map(|v| v.name.as_str()).collect()
}

fn places(loaded: &Loaded) -> Vec<(&str, &str)> {
    loaded
        .notices
        .iter()
        .map(|n| {
            assert_eq!(n.code, "settings_bad_value", "{n}");
            (n.params["key"].as_str(), n.params["line"].as_str())
        })
        .collect()
}

#[test]
fn views_are_read_in_the_files_order() {
    let text = r#"
[[views]]
name = " Exploited at the edge "
query = "product:nginx kev:yes "
sort = "epss"
columns = ["score", "epss", "score"]
[[views]]
name = "Everything"
"#;
    let loaded = load(text);
    assert_eq!(loaded.notices, []);
    assert_eq!(
        loaded.settings.views,
        [
            ViewSettings {
                name: "Exploited at the edge".into(),
                query: "product:nginx kev:yes".into(),
                sort: Sort::Epss,
                columns: vec![Column::Score, Column::Epss],
            },
            ViewSettings {
                name: "Everything".into(),
                query: String::new(),
                sort: Sort::Newest,
                columns: vec![],
            },
        ]
    );
    let plain = load("views = [{ name = \"a\" }, { name = \"b\" }]\n");
    assert_eq!((names(&plain), plain.notices.len()), (vec!["a", "b"], 0));
}

#[test]
fn a_bad_view_costs_that_view_alone_and_is_named() {
    let loaded = load(
        &r#"[[views]]
query = "no name"
[[views]]
name = " "
[[views]]
name = "LONG"
[[views]]
name = "a"
sort = "best"
columns = ["score", "colour"]
[[views]]
name = "A"
[[views]]
name = "number"
query = 5
[[views]]
name = "Number"
[[views]]
name = "b"
sort = 1
columns = "score"
"#
        .replace("LONG", &"x".repeat(61)),
    );
    assert_eq!(
        places(&loaded),
        [
            ("views.name", "1"),
            ("views.name", "4"),
            ("views.name", "6"),
            ("views.sort", "9"),
            ("views.columns", "10"),
            ("views.name", "11"),
            ("views.query", "15"),
            ("views.name", "16"),
            ("views.sort", "20"),
            ("views.columns", "21"),
        ]
    );
    assert_eq!(names(&loaded), ["a", "b"]);
    for view in &loaded.settings.views {
        assert_eq!((view.sort, view.columns.len()), (Sort::Newest, 0));
    }
    assert!(
        loaded.notices[3]
            .message
            .contains("score, epss, relevance or text_match")
    );
}

#[test]
fn a_query_that_cannot_be_used_leaves_its_view_out_by_name() {
    let text = format!(
        "[[views]]\nname = \"Huge\"\nquery = \"{}\"\n[[views]]\nname = \"Small\"\n",
        "x".repeat(4097)
    );
    let loaded = load(&text);
    assert_eq!(places(&loaded), [("views.query", "3")]);
    assert!(loaded.notices[0].message.contains("\"Huge\""));
    assert_eq!(names(&loaded), ["Small"]);
}

#[test]
fn views_beyond_the_fiftieth_are_left_out() {
    let text: String = (0..53)
        .map(|i| format!("[[views]]\nname = \"v{i}\"\n"))
        .collect();
    let loaded = load(&text);
    assert_eq!(places(&loaded), [("views", "101")]);
    assert_eq!(loaded.settings.views.len(), 50);
}

#[test]
fn what_is_no_list_of_tables_is_named() {
    let check = |text: &str, key: &str| {
        assert_eq!(places(&load(text)), [(key, "1")], "{text}");
    };
    check("views = 1\n", "views");
    check("[views]\n", "views");
    check("views = [1, { name = \"a\" }]\n", "views");
    check("watches = [\"nginx\"]\n", "watches");
    check("watches = \"nginx\"\n", "watches");
}
