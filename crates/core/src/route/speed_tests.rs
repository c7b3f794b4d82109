//! How long many alerts take through many rules.

use super::*;

/// What the bar asks for is a second in a release build; this one is not optimised.
#[test]
fn ten_thousand_alerts_pass_ten_rules_in_no_time() {
    let queries = [
        "relevant:true",
        "severity:high OR exploited:true",
        "nginx",
        "\"remote attacker\" -windows",
        "title:router product:router",
        "cvss:>7 epss:>10%",
        "added:<7d text:commands",
        "kernel OR linux OR windows",
        "vendor:acme",
        "",
    ];
    let rules = queries.iter().enumerate().map(|(place, query)| {
        let wanted = Rule {
            query: (*query).to_owned(),
            ..rule(&["*"])
        };
        (
            ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][place],
            wanted,
        )
    });
    let routing = with(rules.collect());
    let text = "A remote attacker can run commands in nginx before 1.29.4. ".repeat(8);
    let all: Vec<Fresh> = (0..10_000)
        .map(|id| {
            let told = Told {
                text: text.clone(),
                ..alert(id)
            };
            fresh(ChangeKind::New, told)
        })
        .collect();
    let start = std::time::Instant::now();
    let routed = at_noon(&all, &routing);
    let took = start.elapsed();
    println!("10,000 alerts, 10 rules, {} routed: {took:?}", routed.len());
    assert_eq!(routed.len(), 20_000);
    assert_eq!(routed[0].rules, ["c", "d", "g", "j"]);
    assert!(took.as_secs() < 10, "{took:?}");
}
