//! A small list of names, written as the model file has it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::super::Names;
use super::super::gazetteer::path;
use crate::model::{ModelFile, ModelInfo, ModelWriter};

/// Kind, id, and names with their guards.
const ENTITIES: &[(u8, &str, &[&str])] = &[
    (b'm', "Snake", &["xSnake", "sUroburos"]),
    (b'r', "Play", &["xPlay", "sPlayCrypt"]),
    (b'r', "Hive", &["xHive"]),
    (b'r', "Royal", &["xRoyal"]),
    (b'r', "Cuba", &["xCuba"]),
    (b'a', "APT28", &["sAPT28", "cFancy Bear", "cSofacy"]),
    (b'a', "Sandworm", &["cSandworm"]),
    (b't', "Tor", &["xTor"]),
    (b't', "Go", &["xGo"]),
    (b'q', "T1059", &["lCommand and Scripting Interpreter"]),
    (b'q', "T1566", &["sPhishing"]),
];

/// Names of this list, without taggers.
pub fn names() -> &'static Names {
    static NAMES: LazyLock<Names> = LazyLock::new(|| {
        let mut writer = ModelWriter::new(ModelInfo::default());
        writer.section("gazetteer", section());
        Names::read(&ModelFile::read(writer.finish("2025-01")).unwrap()).unwrap()
    });
    &NAMES
}

fn section() -> Vec<u8> {
    let mut entities = Vec::new();
    let mut spelt: Vec<u32> = Vec::new();
    let mut nodes: BTreeMap<u64, u16> = BTreeMap::new();
    for (place, (kind, id, names)) in (0u32..).zip(ENTITIES) {
        entities.extend([*kind, id.len() as u8]);
        entities.extend(id.as_bytes());
        for name in *names {
            let (guard, name) = name.split_at(1);
            let guard = "scxl".find(guard).unwrap() as u32;
            let is_capital = name.starts_with(char::is_uppercase);
            spelt.push(place | guard << 28 | u32::from(is_capital) << 31);
            let path = path(name);
            for hash in &path {
                nodes.entry(hash >> 16).or_default();
            }
            *nodes.get_mut(&(path.last().unwrap() >> 16)).unwrap() = spelt.len() as u16;
        }
    }
    let number = |n: usize| (n as u32).to_le_bytes();
    let mut out = number(ENTITIES.len()).to_vec();
    out.extend(entities);
    out.extend(number(spelt.len()));
    out.extend(spelt.iter().flat_map(|n| n.to_le_bytes()));
    // No vendors, makers and classes.
    out.extend([0; 12]);
    out.extend(number(nodes.len()));
    for (key, name) in nodes {
        out.extend(((key >> 16) as u32).to_le_bytes());
        out.extend(((key & 0xffff) as u16).to_le_bytes());
        out.extend([0, 0]);
        out.extend(name.to_le_bytes());
        out.extend([0; 4]);
    }
    out
}
