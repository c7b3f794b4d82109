//! The order in which the parts of analysis speak, and that it is the same on every thread.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use tocsin_analysis::learn::{Example, LabelFrom, Teach, Traits, UserModel, Verdict, train};
use tocsin_analysis::text::Document;
use tocsin_analysis::{
    Analyser, CategoryBy, ExplainedBy, Reason, Shipped, Subject, Watch, WatchSet,
};

fn watch(term: &str) -> WatchSet {
    WatchSet::new(vec![Watch {
        term: term.into(),
        ..Watch::default()
    }])
}

/// A model of a team that cares for turbines, taught by articles.
fn user() -> Arc<UserModel> {
    let text = |n: u64| {
        let theme = if n.is_multiple_of(2) {
            "turbine"
        } else {
            "cashier"
        };
        format!("The {theme} of place number{n} had a flaw, said the {theme} operator")
    };
    let with = |n: u64, then: &mut dyn FnMut(&Traits<'_>)| {
        let text = text(n);
        let document = Document::new("", &text);
        then(&Traits {
            kind: "article",
            ..Traits::of(&document)
        });
    };
    let examples: Vec<Example> = (0..60)
        .map(|n| {
            let mut made = None;
            with(n, &mut |traits| {
                made = Some(Example::new(n, traits, n % 2 == 0, LabelFrom::Said));
            });
            made.unwrap()
        })
        .collect();
    let teach = Teach {
        examples: &examples,
        threshold: 0.5,
    };
    let trained = train(teach, &mut |place, hear| with(place as u64, hear), &|| {
        false
    })
    .unwrap();
    assert_eq!(trained.verdict, Verdict::Speaking);
    Arc::new(trained.model.unwrap())
}

fn article(text: &str) -> Subject<'_> {
    Subject {
        title: "News",
        text,
        kind: "article",
        source: "one",
        ..Subject::default()
    }
}

#[test]
fn a_mute_wins_then_a_watch_then_the_users_model() {
    let text = "The turbine of the plant had a flaw, said the turbine operator";
    let other = "The cashier of the shop had a flaw, said the cashier operator";
    let plain = Analyser::default();
    let taught = plain.clone().with_user(Some(user()));
    let watching = taught.clone().with_watches(watch("cashier"));
    let muting = watching.clone().with_mutes(watch("flaw"));
    let check = |analyser: &Analyser, text: &str, is_relevant: bool, reason: Reason| {
        let found = analyser.analyse(&article(text));
        let relevance = &found.relevance;
        assert_eq!(
            (relevance.is_relevant, relevance.reason),
            (is_relevant, reason),
            "{text}"
        );
        assert_eq!(analyser.relevance(&article(text)), found.relevance);
        found
    };
    check(&plain, text, false, Reason::NoWatch);
    let found = check(&taught, text, true, Reason::UserModel);
    check(&taught, other, false, Reason::UserModel);
    check(&watching, other, true, Reason::Watch);
    check(&muting, other, false, Reason::Mute);
    check(&muting, text, false, Reason::Mute);
    // A threshold that nothing reaches leaves watches alone.
    let strict = watching.clone().with_threshold(Some(0.999));
    check(&strict, text, false, Reason::UserModel);
    check(&strict, other, true, Reason::Watch);

    let why = taught.explain(&article(text), &found).relevance.unwrap();
    assert_eq!(
        (why.by, why.label.as_str()),
        (ExplainedBy::UserModel, "relevant")
    );
    let term = why
        .terms
        .iter()
        .find(|term| term.term == "turbine")
        .unwrap();
    assert!(term.weight > 0.0);
    assert_eq!((term.spans[0].start, term.spans[0].end), (4, 11));
}

#[test]
fn the_users_model_is_silent_about_kinds_that_it_was_not_taught() {
    let taught = Analyser::default().with_user(Some(user()));
    let subject = Subject {
        kind: "vulnerability",
        ..article("The turbine had a flaw, said the turbine operator")
    };
    let relevance = taught.relevance(&subject);
    assert_eq!((relevance.reason, relevance.score), (Reason::NoWatch, None));
}

#[test]
fn structured_facts_speak_first_and_what_was_withdrawn_is_not_judged() {
    let analyser = Shipped::embedded().unwrap().given_to(Analyser::default());
    let cwes = vec!["CWE-89".to_owned()];
    let text = "A cross-site scripting vulnerability in Acme Portal before 2.1 lets remote attackers inject script.";
    let subject = Subject {
        kind: "vulnerability",
        cwes: &cwes,
        ..article(text)
    };
    let category = analyser.analyse(&subject).category.unwrap();
    assert_eq!(category.name, "sql_injection");
    assert!(matches!(category.by, CategoryBy::Cwe { ref cwe } if cwe == "CWE-89"));
    let withdrawn = Subject {
        is_withdrawn: true,
        cwes: &[],
        ..subject
    };
    let found = analyser.analyse(&withdrawn);
    assert_eq!(
        (found.category, found.estimate, found.severity),
        (None, None, None)
    );
}

#[test]
fn findings_are_the_same_on_every_thread_and_places_lie_within_the_text() {
    let analyser = Shipped::embedded().unwrap().given_to(Analyser::default());
    let analyser = analyser
        .with_watches(watch("größe"))
        .with_user(Some(user()));
    let texts: Vec<String> = (0..40)
        .map(|n| {
            format!("Größe {n}: APT28 used Mimikatz and hxxps://evil{n}[.]example/x against Acme Portal before 2.{n}.1 (CVE-2024-{}), T1059.001. 日本語 🦀 192.0.2.{n}", 1000 + n)
        })
        .collect();
    let one = |text: &String| {
        let subject = article(text);
        let finding = analyser.analyse(&subject);
        let whole = analyser.with_places(&subject, finding.clone());
        assert!(whole.is_kept_as(&finding));
        let why = analyser.explain(&subject, &whole);
        (whole, why)
    };
    let alone: Vec<_> = texts.iter().map(one).collect();
    std::thread::scope(|scope| {
        let beside: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| texts.iter().map(one).collect::<Vec<_>>()))
            .collect();
        for thread in beside {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
    for ((finding, _), text) in alone.iter().zip(&texts) {
        let length = text.chars().count() as u32;
        assert!(!finding.indicators.is_empty());
        let places = finding.entities.iter().map(|e| (e.start, e.end));
        let places = places.chain(finding.indicators.iter().map(|i| (i.start, i.end)));
        for (start, end) in places {
            assert!(start < end && end <= length, "{start}..{end} of {length}");
        }
    }
}
