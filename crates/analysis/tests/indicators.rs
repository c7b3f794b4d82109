//! What is found in text and what is not, one case a line; and what ioc-finder says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use tocsin_analysis::indicator::eval::Cases;
use tocsin_analysis::indicator::{IndicatorKind, find, indicators, is_private, within};

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let found: Vec<String> = find(text)
        .into_iter()
        .map(|f| format!("{} {}", f.kind.name(), f.value))
        .collect();
    assert_eq!(found, expect, "in {text}");
}

#[test]
fn finds_plain_indicators_of_every_kind() {
    check(
        "DNS is 8.8.8.8, 192.168.1.1:8080 and 10.0.0.0/8.",
        &["ipv4 8.8.8.8", "ipv4 192.168.1.1", "cidr 10.0.0.0/8"],
    );
    check(
        "fe80::1%eth0 ::1 2001:db8::/32 2001:0db8:85a3:0:0:8a2e:370:7334.",
        &[
            "ipv6 fe80::1",
            "ipv6 ::1",
            "cidr 2001:db8::/32",
            "ipv6 2001:0db8:85a3:0:0:8a2e:370:7334",
        ],
    );
    check(
        "evil.com:8080 and EVIL.co.uk.",
        &["domain evil.com", "domain evil.co.uk"],
    );
    check(
        "пример.рф münchen.de x.xn--p1ai",
        &["domain пример.рф", "domain münchen.de", "domain x.xn--p1ai"],
    );
    check("请访问example.com下载", &["domain example.com"]);
    check(
        "evil.com:8080/gate.php 1.2.3.4:80/x evil.com/ evil.com/path.",
        &[
            "url evil.com:8080/gate.php",
            "url 1.2.3.4:80/x",
            "url evil.com/",
            "url evil.com/path",
        ],
    );
    check(
        "ftp://user:pass@ftp.x.org/ http://[2001:db8::2]:80/x HTTPS://X.com/A",
        &[
            "url ftp://user:pass@ftp.x.org/",
            "url http://[2001:db8::2]:80/x",
            "url https://x.com/A",
        ],
    );
    check(
        "user@example.com, <user.name+tag@sub.example.co.uk>; test@[192.168.0.1]",
        &[
            "email user@example.com",
            "email user.name+tag@sub.example.co.uk",
            "email test@[192.168.0.1]",
        ],
    );
    check(
        "/etc/passwd and /var/log/x.log or ../../etc/shadow ~/.ssh/keys ./run.sh /index.php?id=1",
        &[
            "file_path /etc/passwd",
            "file_path /var/log/x.log",
            "file_path ../../etc/shadow",
            "file_path ~/.ssh/keys",
            "file_path ./run.sh",
            "file_path /index.php",
        ],
    );
    check(
        r#"C:\a.b\c.exe, %APPDATA%\Roaming\x.dll \\server\share\a.exe "C:\Program Files\My App\my app.exe""#,
        &[
            r"file_path C:\a.b\c.exe",
            r"file_path %APPDATA%\Roaming\x.dll",
            r"file_path \\server\share\a.exe",
            r"file_path C:\Program Files\My App\my app.exe",
        ],
    );
    check(
        r"HKLM\Software\Windows NT\Bar, HKCU:\Software\x <HKLM>\Software\x HKCU\Run\",
        &[
            r"registry_key HKLM\Software\Windows NT\Bar",
            r"registry_key HKCU\Software\x",
            r"registry_key HKLM\Software\x",
            r"registry_key HKCU\Run",
        ],
    );
    check(
        "AS 1234, asn1234, (AS65000) ASN: 7",
        &["asn AS1234", "asn AS1234", "asn AS65000", "asn AS7"],
    );
    check(
        "00:11:22:33:44:55 aa-f2-c9-a6-b3-4f acf2.c9a6.b34f",
        &[
            "mac 00:11:22:33:44:55",
            "mac aa-f2-c9-a6-b3-4f",
            "mac acf2.c9a6.b34f",
        ],
    );
    check(
        "imphash: 18ddf28a71089acdbab5038f58044c0a md5 18DDF28A71089ACDBAB5038F58044C0A",
        &[
            "imphash 18ddf28a71089acdbab5038f58044c0a",
            "md5 18ddf28a71089acdbab5038f58044c0a",
        ],
    );
    check(
        "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko. Then python-requests/2.25.1.",
        &[
            "user_agent Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
            "user_agent python-requests/2.25.1",
        ],
    );
}

#[test]
fn coins_need_a_checksum_that_holds() {
    for good in [
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "LTdsVS8VDw6syvfQADdhf2PHAm3rMGJvPX",
        "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "496aKKdqF1xQSSEzw7wNrkZkDUsCD5cSmNCfVhVgEps52WERBcLDGzdF5UugmFoHMm9xRJdewvK2TFfAJNwEV25rTcVF5Vp",
    ] {
        check(good, &[&format!("crypto_address {good}")]);
        let middle = good.len() / 2;
        let other = if good.as_bytes()[middle] == b'7' {
            "8"
        } else {
            "7"
        };
        check(
            &format!("{}{other}{}", &good[..middle], &good[middle + 1..]),
            &[],
        );
    }
}

#[test]
fn finds_defanged_forms() {
    for (text, expect) in [
        ("hxxps[:]//evil[.]com/a[.]exe", "url https://evil.com/a.exe"),
        ("hxxp://1.2.3[.]4/x", "url http://1.2.3.4/x"),
        ("meow://bad[.]site/", "url http://bad.site/"),
        ("h**ps://x.com/y", "url https://x.com/y"),
        ("http[://]x.com/y", "url http://x.com/y"),
        ("http:\\\\x.com/y", "url http://x.com/y"),
        ("http__x.com/y", "url http://x.com/y"),
        (r"http:\/\/x.com\/y", "url http://x.com/y"),
        ("http:// example .com /test", "url http://example.com/test"),
        ("http://example[.]com[/]test", "url http://example.com/test"),
        ("fxp://example[.]com/", "url ftp://example.com/"),
        (
            "http%3A%2F%2Fexample%2Ecom%2Fa%3Fb",
            "url http://example.com/a?b",
        ),
        ("example(dot)com", "domain example.com"),
        ("example{.}com", "domain example.com"),
        ("example<.>com", "domain example.com"),
        ("example [ . ] com", "domain example.com"),
        ("example[.com", "domain example.com"),
        ("example.]com", "domain example.com"),
        (r"example\.com", "domain example.com"),
        ("example dot com", "domain example.com"),
        ("example-dot-com", "domain example.com"),
        ("exampleDOTcom", "domain example.com"),
        ("example[,]com", "domain example.com"),
        ("evil[.]newtopdomain", "domain evil.newtopdomain"),
        ("dc01[.]corp[.]local", "domain dc01.corp.local"),
        ("evil[.]sh", "domain evil.sh"),
        ("1[.]2[.]3[.]4", "ipv4 1.2.3.4"),
        ("1(((.]]]]2([[.)3.)4", "ipv4 1.2.3.4"),
        (r"1.2.3\.4", "ipv4 1.2.3.4"),
        ("10[.]0[.]0[.]0/8", "cidr 10.0.0.0/8"),
        ("2001[:]db8[:][:]1", "ipv6 2001:db8::1"),
        ("myuser [ @ ] example [.] com", "email myuser@example.com"),
        (
            "myuser { at ) example [dot] com",
            "email myuser@example.com",
        ),
        ("myuser @ example.com", "email myuser@example.com"),
        ("myuser @example[.]com", "email myuser@example.com"),
        ("myuser at example dot com", "email myuser@example.com"),
        ("myuser/AT/example/DOT/com", "email myuser@example.com"),
    ] {
        check(text, &[expect]);
        let all = find(text);
        assert!(all[0].is_defanged, "{text}");
        assert_eq!(all[0].bytes, 0..text.len(), "{text}");
    }
}

#[test]
fn prose_code_and_versions_are_nothing() {
    for text in [
        "Affected versions 1.2.3.4 through 1.2.3.9 and before 10.0.0.1; upgrade to 5.5.5.5",
        "v1.2.3.4 foo-1.2.3.4.jar 1.2.3.4-beta 1.2.3.4.5 01.02.03.04 999.1.1.1 0.9.8.1 1.2.3.4 and earlier",
        "Node.js, Vue.js, ASP.NET Core, Socket.IO, java.io.File, System.Net.Http, com.example.app",
        "see (.NET framework) and files (.zip, .py), the end of a sentence.It goes on. foo.) In the end",
        "setup.py readme.md install.sh main.rs foo.pl bad.zip index.do config.in setup[.]exe README.md",
        "window.location.name obj.id=3 os.name a.b e.g. this, i.e. that. U.S. p.m. and/or TCP/IP 24/7",
        "std::vector foo::bar 12:30:45 a::b dead::beef :: 80:19:eb:c8:80:a1:c6:ea",
        "commit 1da177e4c3f41524e886b7f1b8a0c1fc7321cac2 just as 2014, AS1234foobar as 12",
        "http:// hxxp:// https://[test]/ http://localhost:3000/ http://intranet/ foo://bar/x",
        "myuser@example . com, myuser @ words. Sentence, @user, a@b, me@localhost",
        r"HKLM, HKEY_USERS\<USER SID\Software and \d+\.\w+ </head> /x // /* a\b",
        "1234.5678.9012 aa:bb:cc aa-f2-c9-a6-b3 12:alpha:beta 5:aaaaaaaaaa:bbbbbbbbbb",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa Mozilla/5.0 is old",
    ] {
        check(text, &[]);
    }
}

#[test]
fn nothing_is_found_inside_something_else() {
    check(
        "https://a.com/b/http://1.2.3.4/x.exe?q=c.com",
        &["url https://a.com/b/http://1.2.3.4/x.exe?q=c.com"],
    );
    check(
        "1.2.3.4/24 a@b.com C:\\x\\evil.com.exe",
        &[
            "cidr 1.2.3.4/24",
            "email a@b.com",
            r"file_path C:\x\evil.com.exe",
        ],
    );
    let inner = |kind, value: &str| within(kind, value).map(|(k, v)| format!("{} {v}", k.name()));
    for (kind, value, expect) in [
        (
            IndicatorKind::Url,
            "http://u:p@a.com:80/x",
            Some("domain a.com"),
        ),
        (IndicatorKind::Url, "http://[::1]:80/x", Some("ipv6 ::1")),
        (IndicatorKind::Url, "1.2.3.4:80/x", Some("ipv4 1.2.3.4")),
        (
            IndicatorKind::Email,
            "a@[192.168.0.1]",
            Some("ipv4 192.168.0.1"),
        ),
        (
            IndicatorKind::Cidr,
            "2001:db8::/32",
            Some("ipv6 2001:db8::"),
        ),
        (IndicatorKind::Domain, "a.com", None),
    ] {
        assert_eq!(inner(kind, value).as_deref(), expect, "{value}");
    }
}

#[test]
fn addresses_end_where_the_text_around_begins() {
    for (text, expect) in [
        (
            "(https://en.wikipedia.org/wiki/Foo_(bar))",
            "https://en.wikipedia.org/wiki/Foo_(bar)",
        ),
        ("[a](http://x.com/a_b)", "http://x.com/a_b"),
        ("<a href=\"https://x.com/a\">y</a>", "https://x.com/a"),
        ("f('https://x.com/r.ps1');g", "https://x.com/r.ps1"),
        ("https://x.com/a,b, c", "https://x.com/a,b"),
        ("\"https://x.com/q?a=b&c=d\".", "https://x.com/q?a=b&c=d"),
        ("https://x.com/!!!", "https://x.com/"),
        ("wordshttp://x.com/a", "http://x.com/a"),
        ("https://x.com/a”.", "https://x.com/a"),
        ("https://x.com/a\u{a0}b", "https://x.com/a"),
    ] {
        check(text, &[&format!("url {expect}")]);
    }
}

#[test]
fn private_addresses_are_kept_and_marked() {
    let all = indicators("At 10.1.2.3", "and 8.8.8.8");
    let marks: Vec<bool> = all.iter().map(|i| i.is_private).collect();
    assert_eq!(marks, [true, false]);
    for (value, expect) in [
        ("127.0.0.1", true),
        ("172.16.0.0/12", true),
        ("100.64.0.1", true),
        ("fe80::1", true),
        ("2001:db8::1", true),
        ("2606:4700::1", false),
        ("1.1.1.1", false),
        ("evil.com", false),
    ] {
        assert_eq!(is_private(value), expect, "{value}");
    }
}

#[test]
fn an_alert_keeps_every_value_before_it_keeps_one_twice() {
    let text = format!("{}b.com c.com", "a.com ".repeat(600));
    let all = indicators("", &text);
    assert_eq!(all.len(), 500);
    assert!(all.iter().any(|i| i.value == "c.com"));
}

#[test]
fn finds_what_ioc_finder_finds() {
    let Some(corpus) = std::env::var_os("TOCSIN_CORPUS") else {
        println!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let file = std::path::Path::new(&corpus).join("ioc/ioc-finder-cases.json");
    let text = std::fs::read_to_string(file).unwrap();
    let report = Cases::read(&text).unwrap().score();
    assert!(report.cases >= 60, "{}", report.cases);
    assert_eq!(report.wrong, Vec::<String>::new());
}
