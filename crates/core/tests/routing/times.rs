//! When it goes out: gathered, by digests, after quiet hours, beyond caps; whatever the clock does.

use super::*;

/// The moment of a text, by moving the clocks on to it.
fn until(replay: &Replay, app: &App, text: &str) {
    let to = Time::parse_rfc3339(text).unwrap();
    let ms = to.ms() - app.now().ms();
    assert!(ms > 0, "{text} is over");
    replay.advance(Duration::from_millis(ms.unsigned_abs()));
    app.clock().advance_ms(ms);
}

/// One more record comes.
async fn news(replay: &Replay, app: &App, number: u32, more: Value) {
    let now = app
        .now()
        .to_chrono()
        .format("%Y-%m-%dT%H:%M:%S.000")
        .to_string();
    let record = record(&format!("CVE-2026-{number}"), &now, more);
    replay.put_nvd(&record).unwrap();
    passes(replay, Some(app), 5);
    collect(app, "nvd").await;
}

/// The slots of a channel, each with its alerts, in order of time.
fn slots(home: &Home, channel: &str) -> Vec<(String, usize)> {
    let mut rows = outbox(home);
    rows.retain(|row| row.channel == channel);
    rows.sort_by_key(|row| (row.due, row.delivery));
    let mut all: Vec<(String, usize)> = Vec::new();
    for row in rows {
        let slot = row.slot.unwrap_or(row.form);
        match all.last_mut() {
            Some((last, many)) if *last == slot => *many += 1,
            _ => all.push((slot, 1)),
        }
    }
    all
}

/// As if the outbox had sent everything that is due.
fn send_due(home: &Home, app: &App) {
    let sent = beside(home).execute(
        "UPDATE deliveries SET state = 'sent', finished = ?1 WHERE due <= ?1",
        [app.now().ms()],
    );
    sent.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_have_their_civil_times_whatever_the_clock_does() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[rules.daily]\nchannels = [\"email\"]\n[rules.daily.digest]\nat = [\"02:30\"]\nzone = \"Europe/Berlin\"\n",
    );
    let app = after_first(&replay, &home, &["nvd"]).await;
    until(&replay, &app, "2026-10-23T12:00:00Z");
    collect(&app, "nvd").await;
    news(&replay, &app, 92001, json!({})).await;
    news(&replay, &app, 92002, json!({})).await;
    let email = || slots(&home, "email");
    let mut expect = vec![("2026-10-24T02:30 Europe/Berlin".to_owned(), 2)];
    assert_eq!(email(), expect);
    assert_eq!(
        outbox(&home)[0].due.to_rfc3339(),
        "2026-10-24T00:30:00.000Z"
    );

    // The night in which 02:30 comes twice: the first time it goes out, the second time it is over.
    until(&replay, &app, "2026-10-24T23:00:00Z");
    send_due(&home, &app);
    news(&replay, &app, 92003, json!({})).await;
    expect.push(("2026-10-25T02:30 Europe/Berlin".to_owned(), 1));
    assert_eq!(email(), expect);
    assert_eq!(
        outbox(&home)[2].due.to_rfc3339(),
        "2026-10-25T00:30:00.000Z"
    );
    until(&replay, &app, "2026-10-25T00:40:00Z");
    send_due(&home, &app);
    news(&replay, &app, 92004, json!({})).await;
    expect.push(("2026-10-26T02:30 Europe/Berlin".to_owned(), 1));
    assert_eq!(email(), expect);

    // The clock goes back before a digest that went out: it does not go out again.
    app.clock().advance_ms(-3 * 3_600_000);
    news(&replay, &app, 92005, json!({})).await;
    expect[2].1 = 2;
    assert_eq!(email(), expect);

    // The machine sleeps for days: what waited is due, and what comes next waits for the next time.
    until(&replay, &app, "2026-10-29T12:00:00Z");
    send_due(&home, &app);
    news(&replay, &app, 92006, json!({})).await;
    expect.push(("2026-10-30T02:30 Europe/Berlin".to_owned(), 1));
    assert_eq!(email(), expect);

    // Somebody moves: the same time elsewhere is another digest.
    set(
        &home,
        "[rules.daily]\nchannels = [\"email\"]\n[rules.daily.digest]\nat = [\"02:30\"]\nzone = \"America/New_York\"\n",
    );
    let theme = json!({ "edit": { "kind": "set_theme", "theme": "dark" } });
    common::call(&app, "settings_edit", theme).await;
    news(&replay, &app, 92007, json!({})).await;
    expect.push(("2026-10-30T02:30 America/New_York".to_owned(), 1));
    assert_eq!(email(), expect);
    app.stop().await;
}

/// Digests that were placed while the clock stood three weeks ahead take the next real place, together with what
/// waits there; what expired by that clock did not.
#[tokio::test(flavor = "multi_thread")]
async fn a_digest_of_a_clock_that_was_ahead_goes_out_with_the_next_one() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[channels.email.digest]\nat = [\"08:00\"]\nzone = \"UTC\"\n[channels.night.quiet]\nfrom = \"22:00\"\nto = \"07:00\"\nzone = \"UTC\"\n[rules.daily]\nchannels = [\"email\"]\n[rules.daily.digest]\nat = [\"08:00\"]\nzone = \"UTC\"\n[rules.now]\nchannels = [\"night\"]\n",
    );
    let app = after_first(&replay, &home, &["nvd"]).await;
    until(&replay, &app, "2026-07-10T23:00:00Z");
    collect(&app, "nvd").await;
    news(&replay, &app, 92001, score(5.0)).await;
    app.drain_outbox().await.unwrap();
    let email = |slot: &str, many| (slot.to_owned(), many);
    assert_eq!(slots(&home, "email"), [email("2026-07-11T08:00 UTC", 1)]);
    let ahead_s = 21 * 86_400;
    passes(&replay, Some(&app), ahead_s);
    news(&replay, &app, 92002, score(5.0)).await;
    app.drain_outbox().await.unwrap();
    assert_eq!(slots(&home, "email").len(), 2);
    app.clock().advance_ms(-ahead_s * 1000);
    app.drain_outbox().await.unwrap();
    assert_eq!(slots(&home, "email"), [email("2026-07-11T08:00 UTC", 2)]);
    let night = slots(&home, "night");
    assert_eq!(night, [email("quiet 2026-07-11T07:00 UTC", 2)]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_quiet_hours_is_one_message_at_their_end() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[channels.night.quiet]\nfrom = \"22:00\"\nto = \"07:00\"\nzone = \"UTC\"\npass_high = true\n[rules.now]\nchannels = [\"email\", \"night\"]\n",
    );
    let app = after_first(&replay, &home, &["nvd"]).await;
    until(&replay, &app, "2026-07-10T21:00:00Z");
    collect(&app, "nvd").await;
    news(&replay, &app, 92001, score(5.0)).await;
    until(&replay, &app, "2026-07-10T23:00:00Z");
    news(&replay, &app, 92002, score(5.0)).await;
    until(&replay, &app, "2026-07-11T04:00:00Z");
    news(&replay, &app, 92003, score(5.0)).await;
    news(&replay, &app, 92004, score(9.8)).await;
    until(&replay, &app, "2026-07-11T07:00:00Z");
    news(&replay, &app, 92005, score(5.0)).await;
    let alerts = |many| ("alerts".to_owned(), many);
    assert_eq!(
        slots(&home, "night"),
        [
            alerts(2),
            ("quiet 2026-07-11T07:00 UTC".to_owned(), 2),
            alerts(1)
        ]
    );
    let rows = outbox(&home);
    assert!(
        rows.iter()
            .filter(|r| r.channel == "email")
            .all(|r| r.form == "alerts")
    );
    let mut quiet = rows.iter().filter(|r| r.form == "quiet");
    assert!(quiet.all(|r| r.due.to_rfc3339() == "2026-07-11T07:00:00.000Z"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_cap_a_rule_fills_the_next_digest_with_the_least() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[channels.night.digest]\nat = [\"08:00\"]\nzone = \"UTC\"\n[rules.few]\nchannels = [\"email\", \"night\"]\nper_hour = 2\nper_day = 3\n",
    );
    let app = after_first(&replay, &home, &["nvd"]).await;
    until(&replay, &app, "2026-07-10T12:00:00Z");
    collect(&app, "nvd").await;
    for (number, value) in [(92001, 4.0), (92002, 9.8), (92003, 6.0)] {
        put(&replay, &format!("CVE-2026-{number}"), score(value));
    }
    passes(&replay, Some(&app), 5);
    collect(&app, "nvd").await;
    let at_once = |home: &Home| -> Vec<String> {
        let rows = outbox(home).into_iter();
        let rows = rows.filter(|r| r.channel == "night" && r.form == "alerts");
        rows.map(|r| r.uid).collect()
    };
    assert_eq!(at_once(&home), ["CVE-2026-92002", "CVE-2026-92003"]);
    assert_eq!(
        slots(&home, "night")[1],
        ("2026-07-11T08:00 UTC".to_owned(), 1)
    );
    // Within the hour there is no room, after it the day has one left.
    until(&replay, &app, "2026-07-10T12:30:00Z");
    news(&replay, &app, 92004, score(9.9)).await;
    assert_eq!(at_once(&home).len(), 2);
    until(&replay, &app, "2026-07-10T13:30:00Z");
    news(&replay, &app, 92005, score(5.0)).await;
    news(&replay, &app, 92006, score(5.0)).await;
    assert_eq!(at_once(&home).len(), 3);
    assert_eq!(
        slots(&home, "night")[1],
        ("2026-07-11T08:00 UTC".to_owned(), 3)
    );
    until(&replay, &app, "2026-07-11T13:00:00Z");
    news(&replay, &app, 92007, score(5.0)).await;
    assert_eq!(at_once(&home).len(), 4);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_within_the_gathering_time_is_one_message() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        &rule("new", "\"email\", \"night\"").replace("[rules", "[channels.slack]\n[rules"),
    );
    let app = after_first(&replay, &home, &["nvd"]).await;
    passes(&replay, Some(&app), 3600);
    collect(&app, "nvd").await;
    for number in [92001, 92002] {
        news(&replay, &app, number, json!({})).await;
    }
    passes(&replay, Some(&app), 60);
    news(&replay, &app, 92003, json!({})).await;
    let email: Vec<i64> = outbox(&home)
        .iter()
        .filter(|row| row.channel == "email")
        .map(|row| row.delivery)
        .collect();
    assert_eq!(email.len(), 3);
    assert!(email[0] == email[1] && email[1] != email[2], "{email:?}");
    app.stop().await;
}
