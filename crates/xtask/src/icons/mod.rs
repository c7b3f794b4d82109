//! `cargo xtask icons`: every icon from one drawing, `icons/tocsin.svg`. The results are committed, so that only who
//! changes the drawing needs rsvg-convert.

mod containers;

use crate::args::Args;
use crate::cmd::{self, Outcome, failure};
use crate::paths;
use crate::ui::Fnv;

/// The drawing.
const DRAWING: &str = "tocsin.svg";
/// File, and width in pixels.
const PICTURES: &[(&str, u32)] = &[
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
];
/// Widths inside icon.ico: what Windows shows from the title bar to the largest tiles.
const ICO_WIDTHS: &[u32] = &[16, 24, 32, 48, 64, 256];
/// Widths inside icon.icns.
const ICNS_WIDTHS: &[u32] = &[16, 32, 64, 128, 256, 512, 1024];
/// Remembers drawing and results, to tell when they are not each other's any more.
const STAMP: &str = "made-from";

pub fn main(mut args: Args) -> Outcome {
    let check = args.flag("--check");
    args.finish()?;
    if check {
        return stale().map_or(Ok(()), |what| Err(failure(what)));
    }
    for (file, width) in PICTURES {
        write(file, &render(*width)?)?;
    }
    let all = |widths: &[u32]| -> Outcome<Vec<(u32, Vec<u8>)>> {
        widths
            .iter()
            .map(|width| Ok((*width, render(*width)?)))
            .collect()
    };
    write("icon.ico", &containers::ico(&all(ICO_WIDTHS)?))?;
    write("icon.icns", &containers::icns(&all(ICNS_WIDTHS)?))?;
    write(STAMP, stamp().as_bytes())
}

/// What is wrong if the icons are not those of the drawing; `None` if all is well.
pub fn stale() -> Option<String> {
    let said = std::fs::read_to_string(paths::root().join("icons").join(STAMP)).unwrap_or_default();
    if said == stamp() {
        return None;
    }
    Some(
        "the icons are not those of the drawing: run `cargo xtask icons` and commit what it writes"
            .into(),
    )
}

/// A line for the drawing and each result, with the hash of its bytes.
fn stamp() -> String {
    let results = PICTURES
        .iter()
        .map(|(file, _)| *file)
        .chain(["icon.ico", "icon.icns"]);
    let files = [DRAWING].into_iter().chain(results);
    let mut text =
        String::from("# Written by `cargo xtask icons`: the drawing and what was made from it.\n");
    for file in files {
        let mut hash = Fnv::new();
        hash.add(&std::fs::read(paths::root().join("icons").join(file)).unwrap_or_default());
        text += &format!("{} {file}\n", hash.hex());
    }
    text
}

fn render(width: u32) -> Outcome<Vec<u8>> {
    let size = width.to_string();
    let mut command = cmd::program("rsvg-convert");
    command
        .args(["--width", &size, "--height", &size])
        .arg(paths::root().join("icons").join(DRAWING));
    if cmd::which("rsvg-convert").is_none() {
        return Err(failure(
            "rsvg-convert was not found (Debian: apt-get install librsvg2-bin)",
        ));
    }
    let output = command
        .output()
        .map_err(|e| failure(format!("rsvg-convert could not be started: {e}")))?;
    if !output.status.success() {
        return Err(failure(format!(
            "rsvg-convert {DRAWING}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    Ok(output.stdout)
}

fn write(file: &str, bytes: &[u8]) -> Outcome {
    let path = paths::root().join("icons").join(file);
    std::fs::write(&path, bytes).map_err(|e| failure(format!("writing {}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_icons_are_those_of_the_drawing() {
        assert_eq!(stale(), None);
    }
}
