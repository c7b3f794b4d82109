use super::*;

/// What is read is printed so, and that is read as the same and printed the same.
fn check(input: &str, expect: &str) {
    let query = parse(input).unwrap_or_else(|e| panic!("{input:?}: {e:?}"));
    assert_eq!(query.to_string(), expect, "{input:?}");
    assert_eq!(parse(expect), Ok(query), "{input:?}");
}

#[test]
fn words_and_phrases() {
    for input in [
        "nginx",
        "\"remote code\"",
        "log4*",
        "\"remote cod\"*",
        "log4j-core",
        "C++",
        ".NET",
        "node.js",
        "10.0.0.1",
        "fe80::1",
        "dead:beef:1",
        "00:1a:2b:3c:4d:5e",
        "d41d8cd98f00b204e9800998ecf8427e",
        "/etc/passwd",
        "C:\\Windows\\System32",
        "c:/x",
        "user@mail.example",
        "https://nvd.example/vuln?id=1&x=2",
        "ftp://x",
        "10:30",
        "std::vector",
        "Entity::find",
        "cpe:2.3:a:apache",
        "mailto:x@y.example",
        "${jndi:ldap://x}",
        "x=1",
        "1=1",
        "a<b",
        "?q=1",
        "x'",
        "--no-verify",
        "Microsoft:",
        "or",
        "and",
        "not",
        "日本語",
        "50%",
        "sha256:abcdef",
        "2026-11-01",
        "cve",
        "CVE-2026-x",
        "kev",
        "don’t",
    ] {
        check(
            input,
            if input == "--no-verify" {
                "\"--no-verify\""
            } else {
                input
            },
        );
    }
    check("strcpy()", "\"strcpy()\"");
    check("printf(3)", "\"printf(3)\"");
    check("foo(bar baz)", "foo bar baz");
    check("“remote code”", "\"remote code\"");
    check("foo\"bar baz\"", "foo \"bar baz\"");
    check("\"CVE-2026-1234\"", "\"CVE-2026-1234\"");
    check("\"OR\"", "\"OR\"");
    check("\"nginx\"", "nginx");
    check("\"a*b\"", "\"a*b\"");
    check("\"the “best” of\"", "\"the “best” of\"");
}

#[test]
fn operators_between_terms() {
    check("", "");
    check(" \t\u{a0}\u{200b} ", "");
    check("a b", "a b");
    check("a AND b", "a b");
    check("a b OR c d", "a b OR c d");
    check("a (b OR c) d", "a (b OR c) d");
    check("(a b) c", "a b c");
    check("(a OR b) OR c", "a OR b OR c");
    check("((a))", "a");
    check("-a", "-a");
    check("NOT a b", "-a b");
    check("NOT (a b)", "-(a b)");
    check("-(a OR b)", "-(a OR b)");
    check("NOT NOT a", "NOT -a");
    check("-NOT a", "NOT -a");
    check("-(-a)", "NOT -a");
    check("NOT(a)", "-a");
    check("a OR(b c)", "a OR b c");
    check("a AND NOT b", "a -b");
    check("-\"a b\"", "-\"a b\"");
    check("log4j -core", "log4j -core");
    check("a or b", "a or b");
    check("-7d", "-7d");
    check("-CVE-2026-1234", "-CVE-2026-1234");
}

#[test]
fn ids() {
    check("cve-2026-1234", "CVE-2026-1234");
    check("cve:cve-2026-1234", "CVE-2026-1234");
    check("CVE‑2026‑1234,", "CVE-2026-1234");
    check("CVE-2026", "CVE-2026*");
    check("cve-2026-12", "CVE-2026-12*");
    check("CVE-", "CVE-*");
    check("CVE-2026-1234*", "CVE-2026-1234*");
    check("cve:2026-1", "cve:CVE-2026-1");
    check("cve:CVE-2026", "CVE-2026*");
    check(
        "cve:CVE-2026-1,CVE-2026-2222",
        "cve:CVE-2026-1,CVE-2026-2222",
    );
    check("id:CVE-2026-1234", "id:CVE-2026-1234");
    check("id=feed:thn:abc", "id:feed:thn:abc");
    check("id:CVE-2026*", "id:CVE-2026*");
    check("id!=\"a b\"", "-id:\"a b\"");
}

#[test]
fn facets_and_flags() {
    check("Severity:HIGH,medium", "severity:high,medium");
    check("severity>=medium", "severity:medium,high");
    check("severity:>=medium", "severity:medium,high");
    check("severity<high", "severity:low,medium");
    check("severity<=low", "severity:low");
    check("severity>low", "severity:medium,high");
    check("severity:none", "severity:none");
    check("severity!=high", "-severity:high");
    check("severity=high", "severity:high");
    check("state:Action-Needed,open", "state:action_needed,open");
    check("state:\"accepted risk\"", "state:accepted_risk");
    check("kind:article", "kind:article");
    check("source:nvd", "source:nvd");
    check("cwe:79", "cwe:CWE-79");
    check("cwe:cwe-0079", "cwe:CWE-79");
    check("owasp:a1", "owasp:A01");
    check("owasp:A10", "owasp:A10");
    check("owasp:a3:2021", "owasp:A03:2021");
    check("owasp:api1:2023", "owasp:API1:2023");
    check("product:windows", "product:windows");
    check("product:=windows", "product=windows");
    check(
        "product:\"http server\",nginx",
        "product:\"http server\",nginx",
    );
    check("product=\"http server\"", "product=\"http server\"");
    check("product!=nginx", "-product=nginx");
    check("-product:nginx", "-product:nginx");
    check("product:win*", "product:win*");
    check("product:*", "product:*");
    check("product=*", "product=*");
    check("tag:👍", "tag:👍");
    check("entity:foo(bar)", "entity:\"foo(bar)\"");
    check("kev:yes", "kev:true");
    check("kev=0", "kev:false");
    check("kev!=TRUE", "-kev:true");
    check("title:x", "title:x");
    check("text:\"remote code\",exec*", "text:\"remote code\",exec*");
    check("title:<script>", "title:\"<script>\"");
    check("(kev:true)", "kev:true");
}

#[test]
fn numbers() {
    check("cvss>7", "cvss>7");
    check("cvss:>7", "cvss>7");
    check("CVSS>=9.80", "cvss>=9.8");
    check("cvss<=.5", "cvss<=0.5");
    check("cvss:7", "cvss:7");
    check("cvss=7", "cvss:7");
    check("cvss!=7", "-cvss:7");
    check("cvss:7..9", "cvss:7..9");
    check("cvss:7..7.0", "cvss:7");
    check("cvss:7..", "cvss>=7");
    check("cvss:..9", "cvss<=9");
    check("cvss:0..2,9..", "cvss:0..2,9..");
    check("cvss:*", "cvss:*");
    check("epss>50%", "epss>0.5");
    check("epss:12.3%", "epss:0.123");
    check("epss:0.1..50%", "epss:0.1..0.5");
    check("relevance<0.000001", "relevance<0.000001");
    check("cvss:10", "cvss:10");
}

#[test]
fn dates() {
    check("published:<7d", "published<7d");
    check("published<7D", "published<7d");
    check("published:7d", "published:7d");
    check("published:30d..7d", "published:30d..7d");
    check("added>=2w", "added>=2w");
    check("updated:today", "updated:today");
    check("updated:Yesterday..today", "updated:yesterday..today");
    check("updated:*", "updated:*");
    check("published:2026", "published:2026");
    check("published:2026-1", "published:2026-01");
    check("published:2026-11-01..", "published:2026-11-01..");
    check("published:..2026-11-01", "published:..2026-11-01");
    check(
        "published:2026-01..2026-03-05",
        "published:2026-01..2026-03-05",
    );
    check("published:2026-01,2026-03", "published:2026-01,2026-03");
    check(
        "published:>2026-11-01T06:00:00+02:00",
        "published>2026-11-01T04:00:00.000Z",
    );
    check(
        "published:2026-11-01T06:00:00Z..2026-11-02",
        "published:2026-11-01T06:00:00.000Z..2026-11-02",
    );
    check("published!=2026", "-published:2026");
    check("published:2024-02-29", "published:2024-02-29");
}

#[test]
fn the_last_word_is_a_beginning_while_it_is_typed() {
    for (input, expect) in [
        ("ngin", "ngin*"),
        ("ngin ", "ngin"),
        ("http ser", "http ser*"),
        ("\"remote code\"", "\"remote code\""),
        ("\"remote cod", "\"remote cod\"*"),
        ("\"remote ", "\"remote \""),
        ("kev:true", "kev:true"),
        ("title:ngin", "title:ngin"),
        ("cve-2026-1234", "CVE-2026-1234"),
        ("cve-20", "CVE-20*"),
        ("a (b)", "a b"),
        ("-foo", "-foo*"),
        ("foo*", "foo*"),
        ("Warning:", "\"Warning:\"*"),
        ("", ""),
    ] {
        let query = parse_typing(input).unwrap();
        assert_eq!(query.to_string(), expect, "{input:?}");
        assert_eq!(parse(expect), Ok(query), "{input:?}");
    }
}

#[test]
fn two_queries_are_joined() {
    for (a, b, expect) in [
        ("", "", ""),
        ("a", "", "a"),
        ("", "a OR b", "a OR b"),
        ("a OR b", "c", "(a OR b) c"),
        ("a b", "c OR d", "a b (c OR d)"),
        ("-a", "b c", "-a b c"),
        ("state:new", "CVE-2026", "state:new CVE-2026*"),
    ] {
        let both = and(&parse(a).unwrap(), &parse(b).unwrap());
        assert_eq!(both.to_string(), expect);
        assert_eq!(parse(expect), Ok(both));
    }
    assert!(and(&Query::default(), &Query::default()).is_empty());
}

#[test]
fn a_value_is_quoted_where_it_must_be() {
    for (value, expect) in [
        ("nginx", "nginx"),
        ("http server", "\"http server\""),
        ("a,b", "\"a,b\""),
        ("c++", "c++"),
        ("<x>", "\"<x>\""),
        ("a\"b", "\"a b\""),
        ("", "\"\""),
    ] {
        assert_eq!(quoted_value(value), expect);
    }
}
