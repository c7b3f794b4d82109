//! Against a notification server of our own on a bus of our own.

use super::system::MOST_SHOWN;
use super::*;
use crate::events::{Event, NotificationAct};
use crate::model::AlertId;
use crate::notify::render::tests::alert;
use crate::testing::on_own_bus;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zbus::zvariant::OwnedValue;

/// One call of `Notify`.
#[derive(Clone, Debug)]
struct Call {
    app: String,
    replaces: u32,
    summary: String,
    body: String,
    actions: Vec<String>,
    urgency: u8,
}

#[derive(Clone, Default)]
struct Server {
    calls: Arc<Mutex<Vec<Call>>>,
    markup: bool,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<String> {
        let all = ["body", "actions", "body-markup"];
        let count = if self.markup { 3 } else { 2 };
        all[..count].iter().map(|s| (*s).to_owned()).collect()
    }

    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let urgency = hints.get("urgency").and_then(|v| u8::try_from(v).ok());
        let mut calls = self.calls.lock().unwrap();
        calls.push(Call {
            app,
            replaces,
            summary,
            body,
            actions,
            urgency: urgency.unwrap_or(255),
        });
        if replaces > 0 {
            replaces
        } else {
            u32::try_from(calls.len()).unwrap() + 40
        }
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &zbus::object_server::SignalEmitter<'_>,
        id: u32,
        action: &str,
    ) -> zbus::Result<()>;
}

const PATH: &str = "/org/freedesktop/Notifications";

impl Server {
    async fn start(&self) -> zbus::Connection {
        zbus::connection::Builder::session()
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at(PATH, self.clone())
            .unwrap()
            .build()
            .await
            .unwrap()
    }

    fn last(&self) -> Call {
        self.calls.lock().unwrap().last().cloned().unwrap()
    }
}

fn message(alerts: Vec<crate::model::MessageAlert>) -> Message {
    crate::notify::render::tests::message(alerts, 0)
}

async fn send(desktop: &Desktop, message: &Message) -> Result<Receipt, SendError> {
    desktop.send(message, &desktop.render(message)).await
}

/// Clicks until the event comes: the click of a test may be faster than the listener.
async fn click(
    bus: &zbus::Connection,
    events: &mut tokio::sync::broadcast::Receiver<Event>,
    id: u32,
    action: &str,
) -> Event {
    for _ in 0..100 {
        let emitter = zbus::object_server::SignalEmitter::new(bus, PATH).unwrap();
        Server::action_invoked(&emitter, id, action).await.unwrap();
        let heard = tokio::time::timeout(Duration::from_millis(50), events.recv());
        if let Ok(event) = heard.await {
            return event.unwrap();
        }
    }
    panic!("no event came")
}

async fn inner_one_alert() {
    let server = Server {
        markup: true,
        ..Server::default()
    };
    let bus = server.start().await;
    let events = Events::default();
    let mut heard = events.subscribe();
    let desktop = Desktop::new(events);
    let mut exploited = alert();
    exploited.title = "A <b> & c".into();
    exploited.source_name = "A & B".into();
    exploited.exploited = true;
    send(&desktop, &message(vec![exploited.clone()]))
        .await
        .unwrap();
    let call = server.last();
    assert_eq!(
        (call.app.as_str(), call.summary.as_str()),
        ("Tocsin", "A <b> & c")
    );
    assert!(call.body.contains("A &amp; B"), "{}", call.body);
    assert_eq!(
        call.actions,
        [
            "default", "Open", "open", "Open", "done", "Done", "snooze", "Snooze"
        ]
    );
    assert_eq!((call.urgency, call.replaces), (2, 0));

    // The same alert again replaces its notification, and one click is one event.
    send(&desktop, &message(vec![exploited])).await.unwrap();
    assert_eq!(server.last().replaces, 41);
    assert_eq!(desktop.system.shown.lock().unwrap().len(), 1);
    assert_eq!(
        click(&bus, &mut heard, 41, "open").await,
        Event::OpenAlert { id: AlertId(7) }
    );
    let again = tokio::time::timeout(Duration::from_millis(100), heard.recv()).await;
    assert!(again.is_err(), "one click, two events");
}

async fn inner_actions() {
    let server = Server::default();
    let bus = server.start().await;
    let events = Events::default();
    let mut heard = events.subscribe();
    let desktop = Desktop::new(events);
    let id = AlertId(7);
    for (shown, action, expect) in [
        (41, "default", Event::OpenAlert { id }),
        (
            42,
            "done",
            Event::NotificationAct {
                id,
                act: NotificationAct::Done,
            },
        ),
        (
            43,
            "snooze",
            Event::NotificationAct {
                id,
                act: NotificationAct::Snooze,
            },
        ),
    ] {
        send(&desktop, &message(vec![alert()])).await.unwrap();
        assert_eq!(server.last().replaces, 0, "what was clicked is gone");
        assert_eq!(click(&bus, &mut heard, shown, action).await, expect);
    }
}

async fn inner_several_alerts() {
    let server = Server::default();
    let _bus = server.start().await;
    let desktop = Desktop::new(Events::default());
    let mut low = alert();
    low.source_name = "A & B".into();
    low.severity = None;
    send(&desktop, &message(vec![low.clone()])).await.unwrap();
    let call = server.last();
    assert!(call.body.contains("A & B"), "no markup, no escaping");
    assert_eq!(call.urgency, 0);

    send(&desktop, &message(vec![alert(), low])).await.unwrap();
    assert_eq!(server.last().summary, "2 alerts: 1 High, 1 unscored");
    assert_eq!(server.last().actions, ["default", "Open", "open", "Open"]);
    for i in 0..30 {
        let mut next = alert();
        next.id = AlertId(i);
        send(&desktop, &message(vec![next])).await.unwrap();
    }
    assert_eq!(desktop.system.shown.lock().unwrap().len(), MOST_SHOWN);
    let steps = desktop.check().await;
    assert_eq!(steps.len(), 2);
    assert!(steps.iter().all(|s| s.fault.is_none()), "{steps:?}");
    assert!(server.last().actions.is_empty());

    let notice = Message {
        delivery: None,
        content: crate::notify::Content::Notice {
            channel: "SOC & Slack".into(),
            fault: Fault::new("x", "The token was revoked. Set a new one."),
        },
        thread: None,
    };
    send(&desktop, &notice).await.unwrap();
    let call = server.last();
    assert_eq!(call.summary, "Tocsin: SOC & Slack has stopped");
    assert!(
        call.body
            .starts_with("The token was revoked. Set a new one.\n")
    );
    assert!(call.actions.is_empty());
}

async fn inner_no_server() {
    let desktop = Desktop::new(Events::default());
    let steps = desktop.check().await;
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].fault.as_ref().unwrap().code, "desktop_no_server");
    let error = send(&desktop, &message(vec![alert()])).await.unwrap_err();
    let SendError::Retry { fault, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(fault.code, "desktop_no_server");

    // One that comes later is found.
    let server = Server::default();
    let _bus = server.start().await;
    send(&desktop, &message(vec![alert()])).await.unwrap();
    assert_eq!(server.calls.lock().unwrap().len(), 1);
}

/// A server that has the name and never answers.
async fn inner_silent() {
    let _bus = zbus::connection::Builder::session()
        .unwrap()
        .name("org.freedesktop.Notifications")
        .unwrap()
        .build()
        .await
        .unwrap();
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let error = runtime.block_on(async {
            tokio::time::pause();
            let desktop = Desktop::new(Events::default());
            send(&desktop, &message(vec![alert()])).await.unwrap_err()
        });
        // As at the program's end, which waits for what the runtime does.
        drop(runtime);
        let _ = ended.send(error);
    });
    let end = tokio::time::timeout(TIMEOUT, end).await;
    let error = end.expect("the program never ends").unwrap();
    let SendError::Retry { fault, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(fault.code, "desktop_no_answer");
}

#[test]
fn a_notification_shows_the_alert_and_a_click_opens_it() {
    on_own_bus(
        module_path!(),
        "a_notification_shows_the_alert_and_a_click_opens_it",
        inner_one_alert,
    );
}

#[test]
fn a_burst_is_one_summary_and_few_are_listened_to() {
    on_own_bus(
        module_path!(),
        "a_burst_is_one_summary_and_few_are_listened_to",
        inner_several_alerts,
    );
}

#[test]
fn no_notification_server_is_said_in_words() {
    on_own_bus(
        module_path!(),
        "no_notification_server_is_said_in_words",
        inner_no_server,
    );
}

#[test]
fn buttons_and_clicks_become_events() {
    on_own_bus(
        module_path!(),
        "buttons_and_clicks_become_events",
        inner_actions,
    );
}

#[test]
fn a_server_that_never_answers_holds_up_neither_the_channel_nor_the_end() {
    let test = "a_server_that_never_answers_holds_up_neither_the_channel_nor_the_end";
    on_own_bus(module_path!(), test, inner_silent);
}
