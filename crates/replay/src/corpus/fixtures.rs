//! The project's own small material, for replays without a corpus: invented vendors, records, news and texts, in the
//! corpus' layout. It is part of the program and goes through the same loader.

use crate::corpus::source::{CorpusFile, Source};

/// A file of `fixtures/` by its path there.
macro_rules! fixtures {
    ($($path:literal,)*) => {
        &[$(($path, include_bytes!(concat!("../../fixtures/", $path)))),*]
    };
}

const FILES: &[(&str, &[u8])] = fixtures![
    "epss/scores.csv",
    "feeds/security-sites/cisa-advisories.xml",
    "feeds/security-sites/thehackernews.xml",
    "kev/catalogue.json",
    "nvd/feeds/recent.json",
    "nvd/sequence/earlier.json",
    "owasp/API-Security/editions/2023/en/0x11-t10/index.html",
    "owasp/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/index.html",
    "owasp/API-Security/editions/2023/en/0xa2-broken-authentication/index.html",
    "owasp/API-Security/editions/2023/en/0xa3-broken-object-property-level-authorization/index.html",
    "owasp/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/index.html",
    "owasp/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/index.html",
    "owasp/API-Security/editions/2023/en/0xa6-unrestricted-access-to-sensitive-business-flows/index.html",
    "owasp/API-Security/editions/2023/en/0xa7-server-side-request-forgery/index.html",
    "owasp/API-Security/editions/2023/en/0xa8-security-misconfiguration/index.html",
    "owasp/API-Security/editions/2023/en/0xa9-improper-inventory-management/index.html",
    "owasp/API-Security/editions/2023/en/0xaa-unsafe-consumption-of-apis/index.html",
    "owasp/Top10/2025/A01_2025-Broken_Access_Control/index.html",
    "owasp/Top10/2025/A02_2025-Security_Misconfiguration/index.html",
    "owasp/Top10/2025/A03_2025-Software_Supply_Chain_Failures/index.html",
    "owasp/Top10/2025/A04_2025-Cryptographic_Failures/index.html",
    "owasp/Top10/2025/A05_2025-Injection/index.html",
    "owasp/Top10/2025/A06_2025-Insecure_Design/index.html",
    "owasp/Top10/2025/A07_2025-Authentication_Failures/index.html",
    "owasp/Top10/2025/A08_2025-Software_or_Data_Integrity_Failures/index.html",
    "owasp/Top10/2025/A09_2025-Security_Logging_and_Alerting_Failures/index.html",
    "owasp/Top10/2025/A10_2025-Mishandling_of_Exceptional_Conditions/index.html",
    "owasp/Top10/2025/index.html",
    "owasp/Top10/index.html",
];

/// What no corpus has: pages that are served beside any, below `always/` by their path on the server.
const ALWAYS: &[(&str, &[u8])] = fixtures!["always/www-project-top-ten/index.html",];

/// The fixtures as if they had been found by walking a folder.
pub(crate) fn files() -> Vec<CorpusFile> {
    embedded(FILES)
}

/// What is served unless the corpus has something at its place.
pub(crate) fn always() -> Vec<CorpusFile> {
    embedded(ALWAYS)
}

fn embedded(files: &[(&str, &'static [u8])]) -> Vec<CorpusFile> {
    files
        .iter()
        .map(|(path, bytes)| CorpusFile {
            path: (*path).to_owned(),
            source: Source::Embedded(bytes),
        })
        .collect()
}

/// One of them, for what a corpus may lack.
pub(crate) fn file(path: &str) -> Option<CorpusFile> {
    files().into_iter().find(|file| file.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, root, found);
                } else {
                    let path = path.strip_prefix(root).unwrap().to_str().unwrap();
                    found.insert(path.replace('\\', "/"));
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut found = BTreeSet::new();
        walk(&root, &root, &mut found);
        let embedded = files().into_iter().chain(always()).map(|file| file.path);
        assert_eq!(embedded.collect::<BTreeSet<_>>(), found);
    }
}
