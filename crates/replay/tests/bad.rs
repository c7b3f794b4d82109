//! What the replay does wrong on purpose: redirects, bombs, garbage, certificates; and NVD's data files in both forms.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use reqwest::Client;
use serde_json::Value;
use tocsin_replay::{Fault, Packing};

use common::{client, fixtures, get, header, ids, json_of};

#[tokio::test]
async fn redirects_bombs_and_garbage_are_by_path_and_count() {
    let replay = fixtures();
    replay.set_fault(Fault::at("/loop").redirect(302, "/loop"));
    replay.set_fault(Fault::at("/noise").garbage(5_000).times(1));
    replay.set_fault(Fault::at("/bomb").bomb(Packing::Gzip, 3_000_000));
    replay.set_fault(Fault::at("/flat").bomb(Packing::Deflate, 3_000_000));
    replay.set_fault(Fault::at("/twice").bomb(Packing::GzipTwice, 3_000_000));
    let looped = get(&replay, "/loop").await;
    assert_eq!(
        (looped.status().as_u16(), header(&looped, "location")),
        (302, "/loop")
    );

    let noise = get(&replay, "/noise").await.bytes().await.unwrap();
    assert_eq!(noise.len(), 5_000);
    assert!(String::from_utf8(noise.to_vec()).is_err());
    assert_eq!(get(&replay, "/noise").await.status(), 404);

    for (path, encoding) in [
        ("/bomb", "gzip"),
        ("/flat", "deflate"),
        ("/twice", "gzip, gzip"),
    ] {
        let bomb = get(&replay, path).await;
        assert_eq!(header(&bomb, "content-encoding"), encoding);
        let packed = bomb.bytes().await.unwrap();
        assert!(packed.len() < 50_000, "{path}: {}", packed.len());
        let mut plain = Vec::new();
        match path {
            "/bomb" => GzDecoder::new(&packed[..]).read_to_end(&mut plain),
            "/flat" => ZlibDecoder::new(&packed[..]).read_to_end(&mut plain),
            _ => GzDecoder::new(GzDecoder::new(&packed[..])).read_to_end(&mut plain),
        }
        .unwrap();
        assert_eq!(plain.len(), 3_000_000, "{path}");
    }
}

#[tokio::test]
async fn a_program_sets_a_bomb_by_json() {
    let replay = fixtures();
    let fault = r#"{"path":"/x","bomb_bytes":1000000,"bomb_packing":"gzip-twice","times":1}"#;
    let set = client().post(replay.url("/_replay/faults")).body(fault);
    assert_eq!(set.send().await.unwrap().status(), 204);
    let bomb = get(&replay, "/x").await;
    assert_eq!(header(&bomb, "content-encoding"), "gzip, gzip");
}

#[tokio::test]
async fn the_asked_name_says_which_certificate_is_shown() {
    let replay = fixtures();
    let root = reqwest::Certificate::from_pem(replay.tls_ca_pem().as_bytes()).unwrap();
    let mut trusting = Client::builder().no_proxy().tls_certs_only([root]);
    for name in [
        "good",
        "expired",
        "future",
        "wrong-host",
        "self-signed",
        "unknown",
    ] {
        trusting = trusting.resolve(&format!("{name}.example"), replay.tls_address());
    }
    let trusting = trusting.build().unwrap();
    let port = replay.tls_address().port();
    let ask = async |name: &str| {
        let url = format!("https://{name}.example:{port}/TheHackersNews");
        trusting.get(url).send().await
    };
    assert_eq!(ask("good").await.unwrap().status(), 200);
    for (name, words) in [
        ("expired", "expired"),
        ("future", "not valid yet"),
        ("wrong-host", "not valid for name"),
        ("self-signed", "UnknownIssuer"),
        ("unknown", "UnknownIssuer"),
    ] {
        let refused = format!("{:?}", ask(name).await.unwrap_err());
        assert!(
            refused.contains("InvalidCertificate") || refused.contains(words),
            "{name}: {refused}"
        );
    }
    // By its address, without a name, it is a good one.
    let url = format!("https://127.0.0.1:{port}/TheHackersNews");
    assert_eq!(trusting.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn nvds_files_hold_the_same_records_in_both_forms() {
    let replay = fixtures();
    let two = json_of(get(&replay, "/feeds/json/cve/2.0/nvdcve-2.0-2026.json").await).await;
    let in_two = ids(&two);
    assert!(!in_two.is_empty());
    let packed = get(&replay, "/feeds/json/cve/1.1/nvdcve-1.1-2026.json.gz").await;
    assert_eq!(header(&packed, "content-type"), "application/gzip");
    let packed = packed.bytes().await.unwrap();
    let mut plain = String::new();
    GzDecoder::new(&packed[..])
        .read_to_string(&mut plain)
        .unwrap();
    let one: Value = serde_json::from_str(&plain).unwrap();
    let items = one["CVE_Items"].as_array().unwrap();
    let in_one: Vec<&str> = items
        .iter()
        .map(|item| item["cve"]["CVE_data_meta"]["ID"].as_str().unwrap())
        .collect();
    assert_eq!(in_one, in_two);
    assert_eq!(one["CVE_data_numberOfCVEs"], items.len().to_string());
    let first = items
        .iter()
        .find(|i| i["cve"]["CVE_data_meta"]["ID"] == "CVE-2026-90001")
        .unwrap();
    assert_eq!(first["publishedDate"], "2026-06-24T09:15Z");
    assert_eq!(first["impact"]["baseMetricV3"]["cvssV3"]["baseScore"], 9.8);
    let node = &first["configurations"]["nodes"][0];
    assert_eq!(node["operator"], "OR");
    assert_eq!(node["cpe_match"][0]["versionEndExcluding"], "4.2.7");
    assert!(
        node["cpe_match"][0]["cpe23Uri"]
            .as_str()
            .unwrap()
            .starts_with("cpe:2.3:a:examplesoft:gateway")
    );
    assert_eq!(
        first["cve"]["problemtype"]["problemtype_data"][0]["description"][0]["value"],
        "CWE-787"
    );

    let meta = get(&replay, "/feeds/json/cve/1.1/nvdcve-1.1-2026.meta")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        meta.contains(&format!("size:{}", plain.len())) && meta.contains("sha256:"),
        "{meta}"
    );
    let recent = json_of(get(&replay, "/feeds/json/cve/2.0/nvdcve-2.0-recent.json").await).await;
    assert!(ids(&recent).len() <= in_two.len());
    assert_eq!(
        get(&replay, "/feeds/json/cve/1.1/nvdcve-1.1-1998.json")
            .await
            .status(),
        404
    );
}
