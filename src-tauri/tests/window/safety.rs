//! What the window refuses: other pages, other windows, scripts from outside, commands without leave.

use serde_json::{Value, json};

use crate::common::{Session, Setup};
use crate::records::cve;

#[tokio::test(flavor = "multi_thread")]
async fn the_window_stays_on_its_own_page() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    let home = session.client().current_url().await.unwrap();
    assert_eq!(home.scheme(), "tauri");
    let elsewhere = session.replay.url("/_replay/leaving");
    for script in [
        "window.location.href = arguments[0]",
        "window.location.assign(arguments[0])",
        "window.open(arguments[0])",
        "window.open(arguments[0], '_self')",
        "const a = document.createElement('a'); a.href = arguments[0]; document.body.append(a); a.click(); a.remove()",
        "const a = document.createElement('a'); a.href = arguments[0]; a.target = '_blank'; document.body.append(a); a.click(); a.remove()",
        "const f = document.createElement('form'); f.action = arguments[0]; document.body.append(f); f.submit(); f.remove()",
        "const f = document.createElement('iframe'); f.src = arguments[0]; document.body.append(f)",
        "const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=' + arguments[0]; document.head.append(m)",
        "window.location.href = 'data:text/html,<h1>elsewhere</h1>'",
        "window.location.href = 'file:///etc/passwd'",
    ] {
        let _ = session.try_run(script, vec![json!(elsewhere)]).await;
        // The page still answers, and at the same address.
        session.is_ready().await;
        let now = session.client().current_url().await.unwrap();
        assert_eq!(
            (now.scheme(), now.host()),
            (home.scheme(), home.host()),
            "{script}"
        );
        assert_eq!(
            session.client().windows().await.unwrap().len(),
            1,
            "{script}"
        );
    }
    let text = session.run("return document.body.innerText", vec![]).await;
    assert!(!text.as_str().unwrap().contains("root:"));
    assert!(
        session
            .replay
            .requests()
            .iter()
            .all(|request| !request.path.contains("leaving"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_runs_no_script_and_loads_nothing_from_outside() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    let script = "const [address, done] = arguments;
        const refused = [];
        document.addEventListener('securitypolicyviolation', e => refused.push(e.effectiveDirective));
        window.ran = [];
        const add = (name, fields) => document.body.append(Object.assign(document.createElement(name), fields));
        add('script', { textContent: 'window.ran.push(\"inline script\")' });
        add('script', { src: address + '/a.js' });
        add('script', { src: 'data:text/javascript,window.ran.push(\"data script\")' });
        add('style', { textContent: 'body { --styled: yes }' });
        add('img', { src: address + '/a.png' });
        add('iframe', { srcdoc: '<script>parent.ran.push(\"frame\")</script>' });
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran.push(1)\"><a id=js href=\"javascript:window.ran.push(2)\">x</a>');
        document.getElementById('js').click();
        try { new Function('window.ran.push(\"function\")')() } catch { refused.push('eval') }
        const asked = fetch(address + '/fetched').then(() => 'fetched', () => 'refused');
        asked.then(fetched => setTimeout(() => done({
            ran: window.ran, refused, fetched,
            styled: getComputedStyle(document.body).getPropertyValue('--styled'),
        }), 300))";
    let address = session.replay.base_url() + "/_replay";
    let result = session.run_async(script, vec![json!(address)]).await;
    assert_eq!(result["ran"], json!([]), "{result}");
    assert_eq!(result["fetched"], "refused", "{result}");
    assert_eq!(result["styled"], "", "{result}");
    let refused: Vec<&str> = result["refused"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for directive in ["script-src-elem", "img-src", "connect-src"] {
        assert!(
            refused.contains(&directive),
            "{directive} is not in {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_may_ask_core_and_nothing_else() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    let script = "const done = arguments[arguments.length - 1];
        const ask = (name, request) => window.__TAURI_INTERNALS__.invoke(name, request ?? {})
            .then(answer => ['ok', String(answer)], error => ['refused', JSON.stringify(error)]);
        Promise.all([
            ask('plugin:opener|open_url', { url: 'https://example.org' }),
            ask('plugin:dialog|open', { options: {} }),
            ask('plugin:fs|read_text_file', { path: '/etc/passwd' }),
            ask('plugin:window|close', { label: 'main' }),
            ask('plugin:webview|create_webview_window', { options: { label: 'x', url: 'https://example.org' } }),
            ask('plugin:path|resolve_directory', { directory: 1 }),
            ask('plugin:event|emit', { event: 'event', payload: {} }),
            ask('plugin:window-state|save_window_state', { flags: 1 }),
        ]).then(done)";
    let answers = session.run_async(script, vec![]).await;
    for answer in answers.as_array().unwrap() {
        assert_eq!(answer[0], "refused", "{answers}");
        assert!(
            answer[1].as_str().unwrap().contains("not allowed")
                || answer[1].as_str().unwrap().contains("not found"),
            "{answer}"
        );
    }
    let unknown = session.ask("no_such_command", json!({})).await.unwrap_err();
    assert!(unknown["code"].is_string(), "{unknown}");
    let global = session.run("return typeof window.__TAURI__", vec![]).await;
    assert_eq!(global, "undefined");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_description_is_shown_as_text() {
    let Some(mut session) = Session::prepare(Setup::default()).await else {
        return;
    };
    let text = "Zebra Gateway <script>window.hostile = 1</script> allows <img src=x onerror=\"window.hostile = 2\"> \
                <b>remote attackers</b> to run code via &lt;svg onload=window.hostile=3&gt; \u{202e}gnp.exe and {{7*7}}.";
    let mut record = cve("CVE-2026-99001", text, session.replay.now());
    record["references"] = json!([
        { "url": "javascript:window.hostile=4", "source": "x" },
        { "url": "https://advisories.example.org/zebra?a=1&b=\"<x>", "source": "x" },
    ]);
    session.replay.put_nvd(&record).unwrap();
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
    session.go_view("all").await;
    session.type_into("search", "CVE-2026-99001").await;
    session
        .rows_where("the hostile one", |rows| {
            rows.iter().any(|row| row.uid == "CVE-2026-99001")
        })
        .await;
    session.open_row("CVE-2026-99001").await;
    session
        .text_where("detail", "the description as text", |text| {
            text.contains("remote attackers")
        })
        .await;
    let found = session
        .run(
            "const detail = document.querySelector('[data-testid=detail]');
             return { ran: window.hostile ?? null,
                      elements: detail.querySelectorAll('script, img[src=x], b, [onerror], [onload], a[href^=\"javascript\"]').length,
                      computed: detail.innerText.includes('49') && !detail.innerText.includes('7*7') }",
            vec![],
        )
        .await;
    assert_eq!(
        found,
        json!({ "ran": null, "elements": 0, "computed": false })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_in_the_browser_and_only_if_it_is_one() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    let opened = session
        .ask("open_url", json!({ "url": "https://example.org/a?b=c&d" }))
        .await;
    assert!(opened.is_ok(), "{opened:?}");
    session
        .wait_for("the browser", async || {
            (session.opened_links() == ["https://example.org/a?b=c&d"]).then_some(())
        })
        .await;
    for url in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@example.org",
        "--help",
        "",
    ] {
        let refused = session
            .ask("open_url", json!({ "url": url }))
            .await
            .unwrap_err();
        assert!(refused["code"].is_string(), "{url}: {refused}");
    }
    assert_eq!(session.opened_links().len(), 1);
}
