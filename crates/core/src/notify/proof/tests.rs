//! Whatever alerts say, each message is one that its channel takes: made at random of hostile pieces and held
//! against small readers of our own of Telegram's tags, Slack's blocks, HTML and RFC 5322.

#[path = "made_tests.rs"]
mod made;

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::*;
use crate::settings::EmailSettings;

/// By their seeds; made once for all tests.
static MESSAGES: LazyLock<Vec<Message>> = LazyLock::new(|| {
    (0..120)
        .map(|seed| made::message(&mut made::Dice(seed)))
        .collect()
});

fn for_each_message(check: impl Fn(&Message)) {
    for (seed, message) in MESSAGES.iter().enumerate() {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(message)));
        assert!(caught.is_ok(), "the message of seed {seed}");
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// No control character but a line's end, and nothing that turns the reading direction.
fn assert_clean(text: &str) {
    let is_bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{fffd}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!text.contains(is_bad), "{text:?}");
}

fn assert_web_address(url: &str) {
    let url = url::Url::parse(url).unwrap();
    assert!(matches!(url.scheme(), "http" | "https"), "{url}");
}

/// Reads Telegram's HTML strictly: the text without tags, and how many marks there are.
fn parse_telegram(html: &str) -> (String, usize) {
    let (mut text, mut open, mut marks) = (String::new(), Vec::new(), 0);
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        match c {
            '<' => {
                let (tag, after) = rest[1..].split_once('>').expect("an open tag");
                if let Some(name) = tag.strip_prefix('/') {
                    assert_eq!(open.pop(), Some(name), "{html}");
                } else if tag == "b" {
                    open.push("b");
                    marks += 1;
                } else {
                    let href = tag
                        .strip_prefix("a href=\"")
                        .and_then(|t| t.strip_suffix('"'));
                    let href = href.unwrap_or_else(|| panic!("the tag {tag:?}"));
                    assert!(!href.contains(['"', '<']));
                    assert_web_address(&parse_telegram(href).0);
                    open.push("a");
                    marks += 1;
                }
                rest = after;
            }
            '&' => {
                let (entity, after) = rest[1..].split_once(';').expect("an entity");
                text.push_str(match entity {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "#39" => "'",
                    other => panic!("the entity {other:?}"),
                });
                rest = after;
            }
            c => {
                assert_ne!(c, '>');
                text.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    assert!(open.is_empty(), "{html}");
    (text, marks)
}

#[test]
fn telegram_takes_every_message() {
    for_each_message(|message| {
        let made = render::telegram(message);
        let (text, marks) = parse_telegram(&made.html);
        for text in [&text, &made.plain] {
            assert!(
                !text.trim().is_empty() && units(text) <= 4096,
                "{}",
                units(text)
            );
            assert_clean(text);
        }
        assert!(marks <= 100, "{marks} marks");
    });
}

/// Text as Slack wants it: `& < >` only as entities.
fn assert_slack_text(text: &str, most: usize) {
    assert!(
        !text.is_empty() && units(text) <= most,
        "{} of {most}",
        units(text)
    );
    assert!(!text.contains(['<', '>']), "{text}");
    let bare = text
        .replace("&amp;", "")
        .replace("&lt;", "")
        .replace("&gt;", "");
    assert!(!bare.contains('&'), "{text}");
    assert_clean(text);
}

fn assert_slack_object(object: &Value, most: usize) {
    let text = object["text"].as_str().unwrap();
    match object["type"].as_str().unwrap() {
        "plain_text" => assert_slack_text(text, most),
        "mrkdwn" => {
            assert!(units(text) <= most);
            let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
            let (url, label) = inner.unwrap().split_once('|').unwrap();
            assert_slack_text(url, most);
            assert_slack_text(label, most);
            assert!(!label.contains('|'));
            assert_web_address(&url.replace("&amp;", "&"));
            assert_eq!(object["verbatim"], Value::Bool(true));
        }
        other => panic!("an object of type {other}"),
    }
}

#[test]
fn slack_takes_every_message() {
    for_each_message(|message| {
        let made = render::slack(message);
        assert_slack_text(&made.text, 3999);
        let all = units(&made.text) + units(&made.blocks);
        assert!(all <= 10_000, "{all} in all");
        let blocks: Vec<Value> = serde_json::from_str(&made.blocks).unwrap();
        assert!((1..=50).contains(&blocks.len()), "{} blocks", blocks.len());
        for block in &blocks {
            match block["type"].as_str().unwrap() {
                "header" => {
                    assert_eq!(block["text"]["type"], "plain_text");
                    assert_slack_object(&block["text"], 150);
                }
                "section" => assert_slack_object(&block["text"], 3000),
                "context" => {
                    let elements = block["elements"].as_array().unwrap();
                    assert!((1..=10).contains(&elements.len()));
                    for element in elements {
                        assert_slack_object(element, 3000);
                    }
                }
                other => panic!("a block of type {other}"),
            }
        }
    });
}

#[test]
fn a_desktop_takes_every_message() {
    for_each_message(|message| {
        let toast = render::toast(message);
        assert!(!toast.summary.is_empty() && toast.summary.chars().count() <= 160);
        assert!(!toast.summary.contains('\n'));
        assert!(toast.body.lines().count() <= 4 && toast.body.chars().count() <= 800);
        assert_clean(&toast.summary);
        assert_clean(&toast.body);
    });
}

fn email() -> Email {
    let settings = EmailSettings {
        user: Some("me@example.org".into()),
        recipients: vec!["soc@example.org".into()],
        ..EmailSettings::default()
    };
    let password = Secret::new("tocsin-test-secret".to_owned());
    Email::new(&settings, Some(password), None).unwrap()
}

const HEADERS: [&str; 11] = [
    "Auto-Submitted",
    "Content-Type",
    "Date",
    "From",
    "List-Id",
    "MIME-Version",
    "Message-ID",
    "References",
    "Subject",
    "To",
    "Content-Transfer-Encoding",
];

#[test]
fn mail_servers_take_every_message() {
    let email = email();
    for_each_message(|message| {
        let mail = email.formatted(message);
        let text = std::str::from_utf8(&mail).unwrap();
        assert!(text.is_ascii() && text.ends_with("\r\n"));
        for line in text.split("\r\n") {
            assert!(line.len() <= 998, "a line of {}", line.len());
            assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
        }
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut names: Vec<&str> = head
            .split("\r\n")
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        for name in &names {
            assert!(HEADERS.contains(name), "a header {name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "a header twice");
        assert!(body.len() < 1_500_000, "{} bytes", body.len());
    });
}

#[test]
fn the_html_of_mail_holds_our_own_elements_alone() {
    const OURS: [&str; 16] = [
        "html", "head", "meta", "title", "style", "body", "div", "p", "strong", "h1", "h2", "br",
        "a", "span", "table", "tr",
    ];
    for_each_message(|message| {
        let mail = render::mail(message);
        assert_clean(&mail.subject);
        assert!(!mail.subject.contains('\n') && mail.subject.chars().count() <= 120);
        assert_clean(&mail.text);
        let page = scraper::Html::parse_document(&mail.html);
        for node in page.tree.nodes() {
            let Some(element) = node.value().as_element() else {
                continue;
            };
            assert!(
                OURS.contains(&element.name()),
                "an element {}",
                element.name()
            );
            for (name, value) in element.attrs() {
                match name {
                    "href" => assert_web_address(value),
                    "style" | "class" | "dir" | "rel" | "lang" | "charset" | "name" | "content" => {
                    }
                    other => panic!("an attribute {other}"),
                }
            }
        }
    });
}

#[tokio::test]
async fn no_pace_names_a_secret() {
    let http = Arc::new(Http::new(crate::http::HttpOptions::default()).unwrap());
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let slack = crate::settings::SlackSettings {
        channel: Some("#alerts".into()),
        ..Default::default()
    };
    let telegram = crate::settings::TelegramSettings {
        chat_id: Some("-100".into()),
        ..Default::default()
    };
    let url = "https://hooks.slack.com/services/T/B/tocsin-test-secret";
    let channels: [Box<dyn Channel>; 4] = [
        Box::new(Slack::new(&slack, secret("xoxb-tocsin-test-secret"), None, None, &http).unwrap()),
        Box::new(Slack::new(&slack, None, secret(url), None, &http).unwrap()),
        Box::new(Telegram::new(&telegram, secret("12:tocsin-test-secret"), None, &http).unwrap()),
        Box::new(email()),
    ];
    let paces: Vec<Vec<Pace>> = channels.iter().map(|c| c.paces()).collect();
    assert!(
        !format!("{paces:?}").contains("tocsin-test-secret"),
        "{paces:?}"
    );
    let counts: Vec<Vec<(u32, u64)>> = paces
        .iter()
        .map(|paces| paces.iter().map(|p| (p.most, p.within_ms)).collect())
        .collect();
    assert_eq!(
        counts,
        [
            vec![(1, 1000)],
            vec![(1, 1000)],
            vec![(1, 1000), (20, 60_000), (30, 1000)],
            vec![(1, 1000)]
        ]
    );
    let bots: Vec<&str> = paces[2].iter().map(|p| p.key.as_str()).collect();
    assert_eq!(
        bots,
        ["telegram:12:-100", "telegram:12:-100", "telegram:12"]
    );
}
