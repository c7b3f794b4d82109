use super::*;

fn file(path: &str, text: &str) -> TextFile {
    TextFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

fn made(path: &str, text: &str) -> (Vec<String>, Vec<Finding>) {
    let (mut codes, mut findings) = (Vec::new(), Vec::new());
    codes_of(&file(path, text), &mut findings, |code, _| codes.push(code));
    (codes, findings)
}

#[test]
fn codes_are_the_literals_that_faults_are_made_with() {
    let check = |path: &str, text: &str, expect: &[&str]| {
        let (codes, findings) = made(path, text);
        assert_eq!(codes, expect, "{path}: {text}");
        assert!(findings.is_empty(), "{findings:?}");
    };
    let core = "crates/core/src/a.rs";
    check(
        core,
        "Fault::new(\n    \"a_b\",\n    \"It went wrong.\")",
        &["a_b"],
    );
    check(core, "// Fault::new(\"a_b\", x)", &[]);
    check(
        core,
        "#[cfg(test)]\nmod t { fn f() { Fault::new(\"a_b\", x); } }",
        &[],
    );
    check(core, "stop(\"a_b\", x)", &[]);
    check(
        "crates/core/src/notify/slack.rs",
        "fn fault(&self, code: &str) { stop(\"busy\", x) }",
        &["slack_busy"],
    );
}

#[test]
fn a_code_that_is_no_literal_must_be_named() {
    let (codes, findings) = made("crates/core/src/a.rs", "let a = 1;\nFault::new(code, x)");
    assert!(codes.is_empty());
    assert_eq!((findings.len(), findings[0].line), (1, 2));
    let learn = "crates/core/src/app/learn.rs";
    let (codes, findings) = made(
        learn,
        "const A: &str = \"user_model_damaged\";\nFault::new(A, x)",
    );
    assert_eq!((codes.len(), findings.len()), (1, 0));
    // A table that is out of date.
    assert_eq!(made(learn, "Fault::new(A, x)").1.len(), 1);
}

#[test]
fn a_code_without_words_and_words_without_a_code_are_found() {
    let rust = file(
        "crates/core/src/a.rs",
        "Fault::new(\"a_b\", x);\nFault::new(\"c_d\", x);",
    );
    let ui = [
        file(
            "ui/src/lib/text/en-faults.ts",
            "  c_d: () => 'x',\n  e_f: () => 'x',\n  g_h: () => 'x',",
        ),
        file("ui/src/lib/ipc/web.ts", "throw { code: 'g_h' };"),
    ];
    let found: Vec<String> = check(&[rust], &ui)
        .into_iter()
        .filter(|finding| finding.path != HERE)
        .map(|finding| format!("{}:{}", finding.path, finding.line))
        .collect();
    assert_eq!(
        found,
        ["crates/core/src/a.rs:1", "ui/src/lib/text/en-faults.ts:2"]
    );
}
