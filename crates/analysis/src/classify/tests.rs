use super::language;
use super::*;
use crate::Field;
use crate::model::{ModelError, ModelFile, ModelInfo, ModelWriter};
use crate::text::Document;

fn models() -> std::sync::Arc<Models> {
    Models::embedded().unwrap()
}

const LOG4J: &str = "Apache Log4j2 2.0-beta9 through 2.15.0 JNDI features used in configuration, log messages, \
    and parameters do not protect against attacker controlled LDAP and other JNDI related endpoints. An attacker who \
    can control log messages or log message parameters can execute arbitrary code loaded from LDAP servers when \
    message lookup substitution is enabled.";

#[test]
fn clear_texts_get_clear_answers() {
    let models = models();
    let category = |text: &str| models.category(&Document::new("", text)).unwrap().label;
    assert_eq!(
        category(
            "SQL injection vulnerability in login.php in Foo 1.2 allows remote attackers to execute arbitrary SQL commands via the id parameter."
        ),
        "sql_injection"
    );
    assert_eq!(
        category(
            "A stored cross-site scripting (XSS) vulnerability in the comments of Foo before 3.1 allows attackers to inject arbitrary web script."
        ),
        "xss"
    );
    assert_eq!(
        category(
            "A heap-based buffer overflow in the PNG decoder of libfoo leads to an out-of-bounds write."
        ),
        "memory_corruption"
    );
    let severity = models.severity(&Document::new("", LOG4J)).unwrap();
    assert_eq!(severity.label, "High");
    assert!(severity.probability > 0.6);
    let relevance =
        |title: &str, text: &str| models.relevance(&Document::new(title, text)).unwrap().label;
    assert_eq!(
        relevance(
            "Hackers exploit new zero-day in VPN appliances to deploy ransomware",
            ""
        ),
        "security"
    );
    assert_eq!(
        relevance("Ten recipes for a quick summer dinner with friends", ""),
        "other"
    );
    let techniques = models
        .techniques(&Document::new(
            "",
            "The malware dumps credentials from the memory of lsass.exe with Mimikatz.",
        ))
        .unwrap();
    assert_eq!(techniques[0].id, "T1003.001");
    assert_eq!(techniques[0].name, "LSASS Memory");
    // A flaw is not what attackers do.
    assert!(
        models
            .techniques(&Document::new("", LOG4J))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn probabilities_add_up_and_the_label_is_the_most_likely() {
    let judgement = models().judge(&Document::new("Log4Shell", LOG4J));
    for guess in [judgement.category, judgement.severity, judgement.relevance] {
        let guess = guess.unwrap();
        let sum: f64 = guess.all.iter().map(|(_, p)| p).sum();
        assert!((sum - 1.0).abs() < 1e-4);
        assert!(guess.all.iter().all(|(_, p)| *p <= guess.probability));
    }
}

#[test]
fn other_languages_abstain_and_identifiers_do_not() {
    let models = models();
    let check = |title: &str, text: &str, expect: Result<(), Why>| {
        let look = models.look(&Document::new(title, text));
        assert_eq!(
            look.reading.check(),
            expect,
            "{title} {text} {:?}",
            look.reading
        );
    };
    let other = Err(Why::NotEnglish);
    check(
        "Kritische Schwachstelle in Firefox ermöglicht die Ausführung von Code",
        "",
        other,
    );
    check(
        "",
        "Eine Schwachstelle in der Software erlaubt es einem entfernten Angreifer, beliebigen Code auszuführen.",
        other,
    );
    check(
        "",
        "Une vulnérabilité a été découverte dans les produits Cisco. Elle permet à un attaquant de provoquer un déni de service.",
        other,
    );
    check(
        "",
        "Vulnerabilidad de inyección SQL en el plugin de WordPress permite a los atacantes remotos ejecutar comandos.",
        other,
    );
    check(
        "",
        "Uma vulnerabilidade no roteador permite que atacantes executem código arbitrário sem autenticação.",
        other,
    );
    check(
        "",
        "Una vulnerabilità nel prodotto consente a un utente malintenzionato di eseguire codice.",
        other,
    );
    check(
        "",
        "Уязвимость в ядре Linux позволяет локальному пользователю повысить свои привилегии",
        other,
    );
    check("Microsoft 修复了多个安全漏洞", "", other);
    check("Windowsの脆弱性を悪用する攻撃を確認", "", other);
    check(
        "",
        "Een kwetsbaarheid in de software stelt een aanvaller in staat om willekeurige code uit te voeren.",
        other,
    );
    check("", "", Err(Why::TooShort));
    check("News", "", Err(Why::TooShort));
    check("", LOG4J, Ok(()));
    check(
        "",
        "SQL injection in admin/login.php in PHPGurukul e-Diary 1.0 via logindetail_id parameter",
        Ok(()),
    );
    check(
        "",
        "In the Linux kernel, the following vulnerability has been resolved: drm/xe: Add a NULL check in xe_ttm_stolen_mgr_init()",
        Ok(()),
    );
    check(
        "",
        "Buffer overflow in Xxd_Qq.dll GetZZp() 0x4141 memcpy(dst, src_ptr, n_len)",
        Ok(()),
    );
    check("Microsoft Patch Tuesday fixes six zero-days", "", Ok(()));
    check("", "XSS in Café Menü Plugin <= 1.3 for WordPress", Ok(()));
}

#[test]
fn function_words_are_of_one_language_here() {
    let english: Vec<_> = language::function_words()
        .filter(|(_, e)| *e)
        .map(|(w, _)| w)
        .collect();
    assert!(english.contains(&"the"));
    let foreign = language::function_words().filter(|(_, e)| !*e);
    assert!(
        foreign
            .into_iter()
            .all(|(word, _)| !english.contains(&word))
    );
}

#[test]
fn explanations_name_terms_with_their_places() {
    let models = models();
    let text = "Ein Präfix — SQL injection vulnerability in the login form allows remote attackers to execute SQL commands.";
    let document = Document::new("", text);
    let terms = models.explain(TaskName::Category, &document);
    assert!(!terms.is_empty());
    let positive = terms.iter().filter(|t| t.weight > 0.0).count();
    assert!((1..=12).contains(&positive) && terms.len() - positive <= 6);
    assert!(terms[..positive].is_sorted_by(|a, b| a.weight >= b.weight));
    assert!(
        terms
            .iter()
            .any(|t| t.term.to_lowercase().contains("sql") && t.weight > 0.0)
    );
    for term in &terms {
        for span in &term.spans {
            assert_eq!(span.field, Field::Text);
            let slice: String = text
                .chars()
                .skip(span.start as usize)
                .take((span.end - span.start) as usize)
                .collect();
            let first = term.term.split(' ').next().unwrap();
            assert!(slice.contains(first), "{slice} / {}", term.term);
        }
    }
    for task in [TaskName::Severity, TaskName::Relevance] {
        assert!(!models.explain(task, &document).is_empty(), "{task:?}");
    }
    let attack = Document::new(
        "",
        "The malware dumps credentials from the memory of lsass.exe with Mimikatz.",
    );
    assert!(
        models
            .explain(TaskName::Technique, &attack)
            .iter()
            .any(|t| t.term.contains("lsass"))
    );
}

#[test]
fn without_models_everything_abstains() {
    let judgement = Models::none().judge(&Document::new("Title of a text", LOG4J));
    assert_eq!(judgement.category, Err(Why::NoModel));
    assert_eq!(judgement.severity, Err(Why::NoModel));
    assert_eq!(judgement.relevance, Err(Why::NoModel));
    assert_eq!(judgement.techniques, Err(Why::NoModel));
    assert!(Models::none().info().is_none());
    assert!(
        Models::none()
            .explain(TaskName::Category, &Document::new("", LOG4J))
            .is_empty()
    );
}

#[test]
fn a_section_that_contradicts_itself_is_refused() {
    let check = |name: &str, bytes: &[u8]| {
        let mut writer = ModelWriter::new(ModelInfo::default());
        writer.section(name, bytes.to_vec());
        let file = ModelFile::read(writer.finish("2024-01-01")).unwrap();
        let error = Models::from_file(&file).unwrap_err();
        assert!(
            matches!(&error, ModelError::Malformed { section, .. } if section == name),
            "{error}"
        );
    };
    check("features", b"");
    check("features", &[0xff; 64]);
    check("category", b"{}");
    check("category", b"no json");
    let lonely = serde_json::json!({
        "head": {"classes": ["a", "b"], "first": 0, "scale": [1.0], "bias": [0.0]},
        "calibration": {"short_words": 1, "short": {"slope": 1.0, "shift": [0.0, 0.0]}, "long": {"slope": 1.0, "shift": [0.0, 0.0]}}
    });
    check("category", lonely.to_string().as_bytes());
}

#[test]
fn a_damaged_copy_of_the_shipped_file_is_an_error() {
    let whole = include_bytes!("../../models/base.tocsin");
    assert!(Models::read(whole).is_ok());
    let mut bytes = whole.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    assert!(matches!(
        Models::read(&bytes),
        Err(ModelError::Checksum { .. })
    ));
    assert!(matches!(
        Models::read(&whole[..middle]),
        Err(ModelError::Truncated { .. })
    ));
    bytes[8] = 200;
    assert!(matches!(
        Models::read(&bytes),
        Err(ModelError::Version { found: 200, .. })
    ));
    assert!(matches!(
        Models::read(b"PK\x03\x04"),
        Err(ModelError::NotAModel)
    ));
}
