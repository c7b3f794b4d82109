//! Pictures of the window.

use std::collections::HashSet;
use std::path::Path;

use super::Page;

/// WebKit takes the picture with the next frame that it draws; a page at rest draws none. So one pixel in
/// a corner changes, by less than can be seen.
const KEEP_DRAWING: &str = "
    window.drawn = document.createElement('div');
    window.drawn.ariaHidden = 'true';
    Object.assign(window.drawn.style, { position: 'fixed', right: 0, bottom: 0, width: '1px', height: '1px' });
    document.body.append(window.drawn);
    let on = false;
    window.drawing = setInterval(() => {
        on = !on;
        window.drawn.style.background = on ? 'rgba(128, 128, 128, 0.004)' : 'transparent';
    }, 20)";

/// A picture of the page in the window.
pub struct Picture {
    png: Vec<u8>,
    /// RGB.
    pixels: Vec<[u8; 3]>,
    pub width: u32,
    pub height: u32,
}

impl Picture {
    pub async fn take(page: &Page) -> Self {
        page.run(KEEP_DRAWING, vec![]).await;
        let png = page.client().screenshot().await.unwrap();
        page.run(
            "clearInterval(window.drawing); window.drawn.remove()",
            vec![],
        )
        .await;
        let decoder = png::Decoder::new(std::io::Cursor::new(&png));
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let step = info.color_type.samples();
        let pixels = bytes[..info.buffer_size()]
            .chunks_exact(step)
            .map(|p| [p[0], p[1], p[2]])
            .collect();
        Self {
            png,
            pixels,
            width: info.width,
            height: info.height,
        }
    }

    pub fn save(&self, file: &Path) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &self.png).unwrap();
    }

    /// How many colours a part of its pixels has: a blank one has one, a page of text dozens.
    pub fn colours(&self) -> usize {
        self.sample().collect::<HashSet<_>>().len()
    }

    /// 0.0 black to 1.0 white, on average.
    pub fn brightness(&self) -> f64 {
        let sum: u64 = self.sample().flatten().map(|&byte| u64::from(byte)).sum();
        sum as f64 / (self.sample().count() as f64 * 3.0 * 255.0)
    }

    /// Every seventh pixel: enough to judge by.
    fn sample(&self) -> impl Iterator<Item = &[u8; 3]> {
        self.pixels.iter().step_by(7)
    }
}
