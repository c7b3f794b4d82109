//! Titles of the forms in which descriptions are written.

use super::*;
use crate::model::Product;

fn title(text: &str, cwe: &str, product: Option<(&str, &str)>) -> String {
    let facts = Facts {
        cwes: if cwe.is_empty() {
            vec![]
        } else {
            vec![cwe.into()]
        },
        products: product
            .map(|(vendor, product)| Product {
                vendor: vendor.into(),
                product: product.into(),
                versions: String::new(),
            })
            .into_iter()
            .collect(),
        ..Facts::default()
    };
    cve_title("CVE-2026-1000", text, &facts)
}

#[test]
fn known_forms_make_titles_that_name_the_product_and_the_fault() {
    for (text, cwe, product, expect) in [
        (
            "In the Linux kernel, the following vulnerability has been resolved:\n\nnet: foo: fix bar\n\nMore.",
            "",
            None,
            "Linux kernel: net: foo: fix bar",
        ),
        (
            "A vulnerability was found in Acme Shop up to 1.2. Affected by this issue is some unknown functionality of the file /a.php. The manipulation of the argument id leads to sql injection. The attack may be launched remotely.",
            "CWE-89",
            Some(("acme", "shop")),
            "Acme Shop: SQL injection in /a.php (argument id)",
        ),
        (
            "Use after free in Windows Kernel allows an authorized attacker to elevate privileges locally.",
            "CWE-416",
            None,
            "Windows Kernel: use after free lets an authorized attacker elevate privileges locally",
        ),
        (
            "Cross-Site Request Forgery (CSRF) vulnerability in Ann Widget allows Cross Site Request Forgery.This issue affects Widget: from n/a through 1.2.",
            "CWE-352",
            None,
            "Widget: cross-site request forgery (CSRF)",
        ),
        (
            "The Great Slider – Photos plugin for WordPress is vulnerable to Stored Cross-Site Scripting via form data in all versions up to, and including, 1.1.5 due to insufficient escaping.",
            "CWE-79",
            None,
            "Great Slider (WordPress plugin): stored cross-site scripting via form data",
        ),
        (
            "Widget before 1.2 allows remote attackers to execute arbitrary code.",
            "",
            None,
            "Widget: lets remote attackers execute arbitrary code",
        ),
        (
            "Indigo is an event system. Prior to 1.2.0, a path traversal vulnerability in the upload form allows attackers to write files.",
            "CWE-22",
            None,
            "Indigo: path traversal in the upload form allows attackers to write files",
        ),
        (
            "Windows Foo Service Elevation of Privilege Vulnerability",
            "",
            None,
            "Windows Foo Service: elevation of privilege",
        ),
        (
            "",
            "CWE-787",
            Some(("openssl", "openssl")),
            "Openssl: out-of-bounds write",
        ),
        ("", "", None, "CVE-2026-1000: no description yet"),
        (
            "Rejected reason: Not used",
            "",
            None,
            "Rejected: CVE-2026-1000 (not used)",
        ),
        (
            "** REJECT ** DO NOT USE THIS CANDIDATE NUMBER. ConsultIDs: CVE-2025-1111. Reason: duplicate.",
            "",
            None,
            "Rejected: CVE-2026-1000 (duplicate of CVE-2025-1111)",
        ),
    ] {
        assert_eq!(title(text, cwe, product), expect, "{text}");
    }
}

#[test]
fn a_long_title_ends_at_a_clause_or_a_word() {
    let long = "Heap-based buffer overflow in Connected Devices Platform Service allows an authorized attacker to elevate privileges over an adjacent network segment.";
    let short = title(long, "CWE-122", None);
    assert_eq!(
        short,
        "Connected Devices Platform Service: heap-based buffer overflow"
    );
    let word = title(&"word ".repeat(60), "", None);
    assert!(
        word.chars().count() <= 100 && word.ends_with("word…"),
        "{word}"
    );
}
