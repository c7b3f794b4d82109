use super::*;

/// The part of the text that is wrong, between the two marks.
fn check(marked: &str, reason: Reason) {
    let mut parts = marked.split('|');
    let (before, wrong, after) = (parts.next(), parts.next(), parts.next());
    let (before, wrong) = (before.unwrap(), wrong.unwrap());
    let text = format!("{before}{wrong}{}", after.unwrap());
    let start = before.chars().count();
    let error = parse(&text).expect_err(&text);
    assert_eq!(
        (error.start, error.end, error.reason),
        (start, start + wrong.chars().count(), reason),
        "{text:?}: {error:?}"
    );
    assert!(!error.message.is_empty());
}

#[test]
fn each_fault_is_refused_at_its_place() {
    use Reason::*;
    for (marked, reason) in [
        ("é |--| x", NothingToSearch),
        ("foo |-| bar", NothingToSearch),
        ("|*|**", BadStar),
        ("|*|", NothingToSearch),
        ("|\"\"|", NothingToSearch),
        ("a |&&| b", NothingToSearch),
        ("cvss |>| 7", NothingToSearch),
        ("lo|*|4j", BadStar),
        ("x |\"open|", UnclosedQuote),
        ("|(|a", UnclosedParenthesis),
        ("a |(|", UnclosedParenthesis),
        ("a|)|", UnopenedParenthesis),
        ("|)| a", UnopenedParenthesis),
        ("a |()| b", EmptyParentheses),
        ("a |( )|", EmptyParentheses),
        ("a |OR|", MissingTerm),
        ("|OR| a", MissingTerm),
        ("a |OR| AND b", MissingTerm),
        ("a |AND|", MissingTerm),
        ("|NOT|", MissingTerm),
        ("a (b |OR|) c", MissingTerm),
        ("(|AND| b)", MissingTerm),
        ("|foo|:bar", UnknownField),
        ("é -|severty|:high", UnknownField),
        ("|cvs|>7", UnknownField),
        ("|localhost|:8080", UnknownField),
        ("|severity:|", EmptyValue),
        ("|severity:| high", EmptyValue),
        ("|severity:high,|", EmptyValue),
        ("(|kev:|)", EmptyValue),
        ("product:|\"\"|", EmptyValue),
        ("severity:|hihg|", BadValue),
        ("severity:low,|critical|", BadValue),
        ("severity>|none|", BadValue),
        ("|severity>high|", BadRange),
        ("kind:|x|", BadValue),
        ("state:|closd|", BadValue),
        ("cwe:|foo|", BadValue),
        ("owasp:|A11|", BadValue),
        ("owasp:|A0|", BadValue),
        ("owasp:|A01:21|", BadValue),
        ("owasp:|API11|", BadValue),
        ("cve:|foo|", BadValue),
        ("cve:|*|", BadValue),
        ("id:|*|", BadStar),
        ("kev:|maybe|", BadValue),
        ("kev:true,|false|", BadValue),
        ("kev|>|1", OperatorNotTaken),
        ("title|>|x", OperatorNotTaken),
        ("title|=|x", OperatorNotTaken),
        ("product|>|x", OperatorNotTaken),
        ("product|:<|x", OperatorNotTaken),
        ("cvss>|7,8|", OperatorNotTaken),
        ("source:|nv*|", BadStar),
        ("product=|win*|", BadStar),
        ("cvss:|x|", BadNumber),
        ("cvss:|-1|", BadNumber),
        ("cvss:|1e1|", BadNumber),
        ("cvss:|50%|", BadNumber),
        ("cvss:|11|", OutOfScale),
        ("cvss:7..|11|", OutOfScale),
        ("epss>|50|", OutOfScale),
        ("epss>|101%|", OutOfScale),
        ("cvss:|9..7|", BadRange),
        ("cvss:|..|", BadRange),
        ("cvss>|7..8|", BadNumber),
        ("published:|2026-13-40|", BadDate),
        ("published:|2026-02-29|", BadDate),
        ("published:|0000|", BadDate),
        ("published:2026..|x|", BadDate),
        ("published:|tomorrow|", BadDate),
        ("published:|-7d|", BadDate),
        ("published:|7d*|", BadStar),
        ("published:\"|x|\"", BadDate),
        ("published:|2026-11..2026-10|", BadRange),
        ("published:|7d..30d|", BadRange),
        ("published:|today..yesterday|", BadRange),
        ("published:|..|", BadRange),
        ("published>|2026..2027|", BadDate),
    ] {
        check(marked, reason);
    }
}
#[test]
fn length_depth_and_terms_are_bounded() {
    let long = "ab ".repeat(2_000);
    let error = parse(&long).unwrap_err();
    assert_eq!(
        (error.reason, error.start, error.end),
        (Reason::TooLong, MAX_CHARS, 6_000)
    );
    let deep = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&deep(MAX_DEPTH)).is_ok());
    let error = parse(&deep(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!((error.reason, error.start), (Reason::TooDeep, MAX_DEPTH));
    assert_eq!(
        parse(&"-(".repeat(2_000)).unwrap_err().reason,
        Reason::TooDeep
    );
    assert_eq!(
        parse(&"NOT ".repeat(1_000)).unwrap_err().reason,
        Reason::TooDeep
    );
    assert!(parse(&"a ".repeat(MAX_TERMS)).is_ok());
    let error = parse(&"a ".repeat(MAX_TERMS + 1)).unwrap_err();
    assert_eq!((error.reason, error.start), (Reason::TooManyTerms, 512));
    let list = format!("tag:a{}", ",a".repeat(MAX_TERMS));
    assert_eq!(parse(&list).unwrap_err().reason, Reason::TooManyTerms);
}

#[test]
fn an_error_says_what_was_meant() {
    for (text, part, expected) in [
        (
            "severty:high",
            "Did you mean \"severity\"?",
            &["severity"][..],
        ),
        ("score:9", "\"cvss\"", &["cvss"]),
        (
            "severity:hihg",
            "Did you mean \"high\"?",
            &["low", "medium", "high", "none"],
        ),
        (
            "severity:critical",
            "cvss>=9",
            &["low", "medium", "high", "none"],
        ),
        ("kev:maybe", "true or false", &["true", "false"]),
        ("epss>50", "50%", &["50%", "0.1..0.5"]),
        ("cvss:9..7", "7..9", &["7..9"]),
        ("title>x", "title:", &[":"]),
        (
            "severity: high",
            "without a space",
            &["low", "medium", "high", "none"],
        ),
        ("localhost:80", "\"localhost:80\"", &[]),
        ("a && b", "AND", &[]),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.message.contains(part), "{text:?}: {}", error.message);
        if !expected.is_empty() {
            assert_eq!(error.expected, expected, "{text:?}");
        }
    }
}

#[test]
fn every_reason_has_the_word_that_serde_writes() {
    for reason in Reason::ALL {
        let json = serde_json::to_string(&reason).unwrap();
        assert_eq!(json, format!("\"{}\"", reason.as_str()));
    }
}
