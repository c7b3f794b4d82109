//! Pictures of the window.

use std::collections::HashSet;
use std::path::Path;

use super::Page;

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
        let png = page.client().screenshot().await.unwrap();
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

    /// How many colours it has: a blank one has one, text alone has dozens.
    pub fn colours(&self) -> usize {
        self.pixels.iter().collect::<HashSet<_>>().len()
    }

    /// 0.0 black to 1.0 white, on average.
    pub fn brightness(&self) -> f64 {
        let sum: u64 = self
            .pixels
            .iter()
            .flatten()
            .map(|&byte| u64::from(byte))
            .sum();
        sum as f64 / (self.pixels.len() as f64 * 3.0 * 255.0)
    }
}
