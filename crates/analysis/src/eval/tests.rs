use super::*;

fn answer(truth: usize, probabilities: &[f32]) -> Answer {
    Answer {
        truth,
        probabilities: probabilities.to_vec(),
    }
}

fn figure(metrics: &[crate::model::Metric], name: &str) -> f64 {
    metrics.iter().find(|m| m.name == name).unwrap().value
}

#[test]
fn figures_are_those_of_scikit_learn() {
    let classes: Vec<String> = ["a", "b", "c"].map(String::from).into();
    let answers = [
        answer(0, &[0.7, 0.2, 0.1]),
        answer(0, &[0.4, 0.5, 0.1]),
        answer(1, &[0.1, 0.8, 0.1]),
        answer(1, &[0.2, 0.7, 0.1]),
        answer(2, &[0.6, 0.3, 0.1]),
    ];
    let (metrics, scores) = score(&classes, &answers);
    // f1_score([0,0,1,1,2], [0,1,1,1,0], average="macro") = (0.5 + 0.8 + 0) / 3
    assert!((figure(&metrics, "macro_f1") - 1.3 / 3.0).abs() < 1e-9);
    assert!((figure(&metrics, "accuracy") - 0.6).abs() < 1e-9);
    // -(ln .7 + ln .4 + ln .8 + ln .7 + ln .1) / 5
    assert!((figure(&metrics, "log_loss") - 0.831_05).abs() < 1e-4);
    assert_eq!(scores.len(), 3);
    assert_eq!((scores[1].texts, scores[1].recall), (2, 1.0));
}

#[test]
fn the_area_under_the_curve_counts_ties_as_one_step() {
    // average_precision_score([1,0,1,1,0], [.9,.8,.8,.3,.1])
    let scored = [
        (0.9, true),
        (0.8, false),
        (0.8, true),
        (0.3, true),
        (0.1, false),
    ];
    let expect = (1.0 + 2.0 / 3.0 + 3.0 / 4.0) / 3.0;
    assert!((average_precision(&scored) - expect).abs() < 1e-9);
    assert!((average_precision(&[(0.1, true), (0.9, false)]) - 0.5).abs() < 1e-9);
}

#[test]
fn a_calibration_error_is_the_distance_of_confidence_and_hits() {
    // Ten answers at 0.75, five of them right.
    let answers: Vec<Answer> = (0..10)
        .map(|at| answer(usize::from(at < 5), &[0.25, 0.75]))
        .collect();
    assert!((calibration_error(&answers, 10) - 0.25).abs() < 1e-6);
    assert!((calibration_error(&answers, 15) - 0.25).abs() < 1e-6);
}

#[test]
fn a_file_says_what_it_is_for() {
    let check = |line: &str, expect: Option<Task>| assert_eq!(Task::of(line), expect, "{line}");
    check(
        "\n{\"desc\":\"x\",\"severity\":null}\n",
        Some(Task::Severity),
    );
    check(
        "{\"src\":\"hn\",\"text\":\"x\",\"y\":0}",
        Some(Task::Relevance),
    );
    check(
        "{\"text\":\"x\",\"label\":\"T1003\"}",
        Some(Task::Technique),
    );
    check("token\tO", Some(Task::Entities));
    check("", None);
    assert_eq!("category".parse(), Ok(Task::Category));
    assert!("categories".parse::<Task>().is_err());
}

#[test]
fn a_broken_line_is_named() {
    let lines = "{\"text\":\"x\",\"y\":1}\n\n{\"text\":3}\n";
    let error = read_lines::<RelText>(lines).unwrap_err();
    assert!(matches!(error, EvalError::Malformed { line: 3, .. }));
}

#[test]
fn a_title_is_the_first_sentence_where_none_is_apart() {
    let check = |text: &str, expect: &str| {
        let text = RelText {
            text: text.into(),
            ..RelText::default()
        };
        assert_eq!(text.title(), expect);
    };
    check("Hackers hit a bank. It lost much.", "Hackers hit a bank");
    check("A title\nand more", "A title");
    check(
        "Dr. Who is back on the screen. Yes.",
        "Dr. Who is back on the screen",
    );
    check("no end", "no end");
    let apart = RelText {
        title: "Title".into(),
        text: "Text. More.".into(),
        ..RelText::default()
    };
    assert_eq!(apart.title(), "Title");
}

#[test]
fn without_models_there_is_nothing_to_measure() {
    let options = Options {
        is_title_only: false,
        scheme: None,
        worst: 0,
        stopwatch: &|| 0.0,
    };
    let lines = "{\"desc\":\"x\",\"severity\":\"High\"}";
    let error = run(Task::Severity, &Models::none(), lines, &options).unwrap_err();
    assert_eq!(error, EvalError::NoModel(Task::Severity));
}
