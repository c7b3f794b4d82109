//! Records of the present and the old form, what is kept of them, and that a page says the same however it
//! is read.

use super::adapter::{Form, read_page, read_record};
use crate::model::{Body, Draft, Identity, Issuer, SourceId, Time};
use crate::normalise::normalise;

fn one(form: Form, json: &str) -> Draft {
    read_record(&SourceId::new("nvd"), form, json.as_bytes(), 1)
        .unwrap()
        .0
}

#[test]
fn every_kind_of_metric_is_kept_the_unknown_ones_as_they_are() {
    let draft = one(
        Form::Present,
        r#"{"cve":{"id":"CVE-2026-1000","metrics":{
        "cvssMetricV2":[{"source":"nvd@nist.gov","type":"Primary","baseSeverity":"HIGH","cvssData":{"baseScore":7.5,"vectorString":"AV:N"}}],
        "cvssMetricV30":[{"source":"nvd@nist.gov","type":"Primary","cvssData":{"baseScore":9.8}}],
        "cvssMetricV31":[{"source":"cna","type":"Secondary","cvssData":{"baseScore":8.1}}],
        "cvssMetricV40":[{"source":"cna","type":"Secondary","cvssData":{"baseScore":9.3}}],
        "cvssMetricV50":[{"any": "thing"}],
        "ssvcV203":[{"source":"cisa","ssvcData":{"timestamp":"2026-01-02T03:04:05.6789Z","options":[
            {"Exploitation":"POC"},{"automatable":"yes","technicalImpact":"total"},{"odd":7}]}},
            {"source":"other","ssvcData":{"options":[{"exploitation":"active"}]}}]}}}"#,
    );
    assert_eq!(draft.facts.scores.len(), 4);
    assert_eq!(draft.facts.other_metrics[0].kind, "cvssMetricV50");
    assert_eq!(draft.facts.other_metrics[0].json, r#"[{"any": "thing"}]"#);
    assert_eq!(draft.facts.ssvc_exploitation.as_deref(), Some("active"));
    let decision = &draft.facts.ssvc[0];
    assert_eq!(decision.source, "cisa");
    assert_eq!(
        decision.at,
        Time::parse_rfc3339("2026-01-02T03:04:05.678Z").ok()
    );
    let words: Vec<_> = decision
        .options
        .iter()
        .map(|(n, w)| (n.as_str(), w.as_str()))
        .collect();
    assert_eq!(
        words,
        [
            ("exploitation", "poc"),
            ("automatable", "yes"),
            ("technicalimpact", "total")
        ]
    );
    let json = serde_json::to_value(&draft.facts).unwrap();
    let back: crate::model::Facts = serde_json::from_value(json).unwrap();
    assert_eq!(back, draft.facts);
}

#[test]
fn the_old_form_says_what_the_present_one_says() {
    let draft = one(
        Form::Legacy,
        r#"{"cve":{"data_type":"CVE","CVE_data_meta":{"ID":"CVE-2014-0160","ASSIGNER":"secalert@redhat.com"},
        "problemtype":{"problemtype_data":[{"description":[{"lang":"en","value":"CWE-125"}]}]},
        "references":{"reference_data":[{"url":"http://www.openssl.org/news/secadv_20140407.txt","name":"x","refsource":"CONFIRM","tags":["Vendor Advisory"]}]},
        "description":{"description_data":[{"lang":"en","value":"The TLS implementation in OpenSSL."}]}},
        "configurations":{"CVE_data_version":"4.0","nodes":[{"operator":"AND","children":[
            {"operator":"OR","children":[],"cpe_match":[{"vulnerable":true,"cpe23Uri":"cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*","versionStartIncluding":"1.0.1","versionEndExcluding":"1.0.1g"}]},
            {"operator":"OR","children":[],"cpe_match":[{"vulnerable":false,"cpe23Uri":"cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"}]}],"cpe_match":[]}]},
        "impact":{"baseMetricV3":{"cvssV3":{"version":"3.1","vectorString":"CVSS:3.1/AV:N","baseScore":7.5}},"baseMetricV2":{"cvssV2":{"vectorString":"AV:N","baseScore":5.0},"severity":"MEDIUM"}},
        "publishedDate":"2014-04-07T22:55Z","lastModifiedDate":"2021-09-10T07:12Z"}"#,
    );
    assert_eq!(draft.identity, Identity::Cve("CVE-2014-0160".into()));
    assert_eq!(
        draft.published.unwrap().to_rfc3339(),
        "2014-04-07T22:55:00.000Z"
    );
    assert_eq!(
        draft.updated.unwrap().to_rfc3339(),
        "2021-09-10T07:12:00.000Z"
    );
    assert_eq!(
        draft.body,
        Body::Text("The TLS implementation in OpenSSL.".into())
    );
    let facts = &draft.facts;
    assert_eq!(facts.products.len(), 1);
    assert_eq!(facts.products[0].versions, "1.0.1 to before 1.0.1g");
    assert_eq!(facts.ranges[0].ranges[0].before.as_deref(), Some("1.0.1g"));
    assert_eq!((facts.cwes.len(), facts.references[0].tags.len()), (1, 1));
    assert!(
        facts
            .scores
            .iter()
            .all(|s| s.primary && s.issuer == Issuer::Nvd)
    );
    assert_eq!((facts.scores.len(), facts.is_rejected()), (2, false));
    let rejected = one(
        Form::Legacy,
        r#"{"cve":{"CVE_data_meta":{"ID":"CVE-2014-9999"},"description":{"description_data":[{"lang":"en","value":"** REJECT **  DO NOT USE THIS CANDIDATE NUMBER. ConsultIDs: none."}]}},"publishedDate":"2014-04-07T22:55Z"}"#,
    );
    assert!(rejected.facts.is_rejected() && rejected.updated.is_none());
    let bad = read_record(&SourceId::new("nvd"), Form::Legacy, b"{\"cve\":{}}", 7).unwrap_err();
    assert_eq!(bad.fault.code, "nvd_bad_record");
}

fn page(records: &[String], head: &str, tail: &str) -> String {
    format!(
        "{{{head}\"vulnerabilities\": [{}]{tail}}}",
        records.join(" ,\n")
    )
}

#[test]
fn a_page_says_the_same_however_it_is_read() {
    let mut records: Vec<String> = (0..40)
        .map(|n| {
            // What looks like the beginning of a record in a text is none.
            format!(
                r#"{{ "cve" : {{"id":"CVE-2026-{}","descriptions":[{{"lang":"en","value":"it says {{\"cve\":{{ \\ }} \u00e9 {n}"}}],"metrics":{{"cvssMetricV31":[{{"cvssData":{{"baseScore":{}}}}}]}}}} }}"#,
                1000 + n,
                if n == 7 { 11 } else { 5 }
            )
        })
        .collect();
    let source = SourceId::new("nvd");
    let both = |text: &str| {
        let fast = super::parallel::read(&source, text.as_bytes());
        let page = read_page(&source, text.as_bytes());
        (fast, page)
    };
    let head = r#""totalResults": 40, "timestamp":"2026-01-02T03:04:05.678", "#;
    let sound = page(&records, head, ", \"more\": [1]");
    let (fast, read) = both(&sound);
    let (fast, total, as_of) = fast.expect("it is read on all cores");
    let read = read.unwrap();
    assert_eq!((read.records, read.total, total), (40, Some(40), Some(40)));
    assert_eq!(as_of, Time::parse_rfc3339("2026-01-02T03:04:05.678Z").ok());
    assert_eq!((read.as_of, read.problems.len()), (as_of, 1));
    assert_eq!(fast.len(), 40);
    // The same records, one by one.
    for (record, (draft, _)) in records.iter().zip(fast) {
        let alone = one(Form::Present, record);
        assert_eq!(normalise(draft).unwrap(), normalise(alone).unwrap());
    }
    // Whatever is odd is read slowly, with the same outcome or a fault.
    records[9] = r#"{"cve":{"id":7}}"#.into();
    let (fast, read) = both(&page(&records, head, ""));
    assert!(fast.is_none());
    assert_eq!(
        (read.as_ref().unwrap().records, read.unwrap().drafts.len()),
        (40, 39)
    );
    records[9] = r#"{"cve":{"id":"CVE-2026-1","x":[{"cve":{"id":"CVE-2026-2"}}]}}"#.into();
    let (fast, read) = both(&page(&records, head, ""));
    assert!(fast.is_none());
    assert_eq!(read.unwrap().drafts.len(), 40);
    records.remove(9);
    for (text, is_page) in [
        (page(&records, head, "").replace(" ,\n", " \n"), false),
        (page(&records, head, "").replace(" ,\n", " ,,\n"), false),
        (page(&records, head, ",,"), false),
        (
            page(&records, head, "").replace("vulnerabilities", "others"),
            true,
        ),
        (format!("{}x", page(&records, head, "")), false),
        (
            page(&records, head, "").trim_end_matches("]}").to_owned(),
            false,
        ),
    ] {
        let (fast, read) = both(&text);
        assert!(fast.is_none(), "{text:.200}");
        assert_eq!(read.is_ok(), is_page);
    }
}
