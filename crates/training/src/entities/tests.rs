use tocsin_analysis::Subject;
use tocsin_analysis::entity::gazetteer::Gazetteer;
use tocsin_analysis::entity::{EntityKind, Names, Style};
use tocsin_analysis::model::{ModelFile, ModelInfo, ModelWriter};
use tocsin_analysis::text::Document;

use super::chain;
use super::classes;
use super::make::ADVISORY;
use super::nodes::Lists;
use super::texts::{Labelled, from_columns};

/// `Acme Foo 1.2` and its like, with labels.
fn texts() -> Vec<Labelled> {
    let vendors = ["Acme", "Widgets", "Globex", "Initech"];
    let products = ["Foo", "Bar Server", "Quux", "Mail Gate"];
    let mut out = Vec::new();
    for (v, vendor) in vendors.iter().enumerate() {
        for (p, product) in products.iter().enumerate() {
            let version = format!("{v}.{p}");
            let text = format!("An issue in {vendor} {product} before {version} allows attacks.");
            let span = |part: &str, label: &str| {
                let start = text.find(part).unwrap();
                (start, start + part.len(), label.to_string())
            };
            let spans = vec![
                span(vendor, "VENDOR"),
                span(product, "PRODUCT"),
                span(&version, "VERSION"),
            ];
            out.push(Labelled { text, spans });
        }
    }
    out
}

#[test]
fn a_tagger_learns_and_its_bytes_are_always_the_same() {
    let lists = Gazetteer::default();
    let learn = || {
        chain(&texts(), Style::Advisory, &lists, ADVISORY)
            .unwrap()
            .section()
    };
    let section = learn();
    assert_eq!(section, learn());
    let mut writer = ModelWriter::new(ModelInfo::default());
    writer.section("crf.advisory", section);
    let names = Names::read(&ModelFile::read(writer.finish("")).unwrap()).unwrap();
    // A vendor and a product that it did not see together.
    let document = Document::new(
        "",
        "An issue in Globex Mail Gate before 7.5 allows attacks.",
    );
    let found = names.find_as(Style::Advisory, &document, &Subject::default(), &[]);
    let found: Vec<_> = found.iter().map(|e| (e.kind, e.name.as_str())).collect();
    assert_eq!(
        found,
        [
            (EntityKind::Vendor, "Globex"),
            (EntityKind::Product, "Mail Gate"),
            (EntityKind::Version, "7.5"),
        ]
    );
}

#[test]
fn classes_hold_words_that_stand_between_the_same_words() {
    let mut texts = Vec::new();
    for animal in ["cat", "dog", "cow"] {
        for _ in 0..5 {
            texts.push(format!("the {animal} eats 12 fish ."));
        }
    }
    let classes = classes::learn(&texts);
    assert_eq!(classes, classes::learn(&texts));
    let of = |word: &str| classes.iter().find(|(w, _)| w == word).unwrap().1;
    assert_eq!(of("cat"), of("dog"));
    assert_ne!(of("cat"), of("eats"));
    assert!(classes.iter().any(|(w, _)| w == "0"));
}

#[test]
fn columns_become_texts_with_their_names() {
    let read =
        from_columns("Fancy\tB-Malware\nBear\tI-Malware\nhit\tO\n\nÜ\tB-System\nX\tB-System\n\n");
    assert_eq!(read.len(), 1);
    let names: Vec<_> = read[0]
        .spans
        .iter()
        .map(|(start, end, label)| (&read[0].text[*start..*end], label.as_str()))
        .collect();
    assert_eq!(
        names,
        [("Fancy Bear", "Malware"), ("Ü", "System"), ("X", "System")]
    );
}

#[test]
fn lists_are_read_as_they_were_written() {
    let mut lists = Lists::default();
    lists.entity('a', "APT28").unwrap();
    lists.name('a', "Fancy Bear", 'c').unwrap();
    lists.vendor("acme", 3);
    lists.vendor("globex", 1);
    lists.product("mail gate", 2, &[1, 0]).unwrap();
    lists.class("cat", 7).unwrap();
    let read = Gazetteer::read(&lists.section()).unwrap();
    assert_eq!(read.find("fancy bear").unwrap().1.id, "APT28");
    assert!(read.find("fancy").is_none());
    assert!(read.is_vendor("Acme") && !read.is_vendor("mail gate"));
    assert_eq!(read.makers("Mail_Gate"), ["globex", "acme"]);
    // Cut anywhere, it is refused and not half read.
    let whole = lists.section();
    for end in 0..whole.len() {
        assert!(Gazetteer::read(&whole[..end]).is_err(), "{end}");
    }
}
