//! What was done is kept, and can still be taken back, after a restart.

use crate::common::{Session, Setup, times};

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_alert_can_be_reopened_after_a_restart() {
    let Some(mut session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.is_collected().await;
    for _ in 0..times(1, 5) {
        session.go_view("all").await;
        let rows = session
            .rows_where("some", |rows| rows.iter().any(|row| row.state == "new"))
            .await;
        let uid = rows
            .iter()
            .find(|row| row.state == "new")
            .unwrap()
            .uid
            .clone();
        session.open_row(&uid).await;
        session.click("act-not-applicable").await;
        session.find("snackbar").await;

        session.restart().await;
        session.is_ready().await;
        session.go_view("closed").await;
        // The other one is what NVD rejected.
        let closed = session
            .rows_where("the closed one", |rows| rows.len() == 2)
            .await;
        let closed = closed.iter().find(|row| row.uid == uid).unwrap();
        assert_eq!(closed.state, "not_applicable");

        session.press("u").await;
        session
            .rows_where("the rejected one alone", |rows| {
                rows.len() == 1 && rows[0].uid != uid
            })
            .await;
        session.go_view("all").await;
        session
            .rows_where("open again", |rows| {
                rows.iter().any(|row| row.uid == uid && row.state == "new")
            })
            .await;
    }
}
