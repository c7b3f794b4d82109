//! Reading sections of the model file: little-endian numbers and short texts, with every length checked.

use crate::model::ModelError;

/// The rest of a section.
pub(super) struct Reader<'a> {
    name: &'a str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(name: &'a str, section: &'a [u8]) -> Self {
        Self {
            name,
            rest: section,
        }
    }

    pub fn malformed(&self, what: &str) -> ModelError {
        ModelError::malformed(self.name, what)
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8], ModelError> {
        let (head, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.malformed("it is cut off"))?;
        self.rest = rest;
        Ok(head)
    }

    pub fn byte(&mut self) -> Result<u8, ModelError> {
        Ok(self.take(1)?[0])
    }

    pub fn short(&mut self) -> Result<u16, ModelError> {
        let two = self.take(2)?;
        Ok(u16::from_le_bytes([two[0], two[1]]))
    }

    pub fn number(&mut self) -> Result<u32, ModelError> {
        let four = self.take(4)?;
        Ok(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    }

    pub fn long(&mut self) -> Result<u64, ModelError> {
        let (low, high) = (self.number()?, self.number()?);
        Ok(u64::from(low) | u64::from(high) << 32)
    }

    pub fn float(&mut self) -> Result<f32, ModelError> {
        self.number().map(f32::from_bits)
    }

    /// How many things follow that take at least `least` bytes each.
    pub fn count(&mut self, least: usize) -> Result<usize, ModelError> {
        let count = self.number()? as usize;
        if count > self.rest.len() / least {
            return Err(self.malformed("a number is larger than the section"));
        }
        Ok(count)
    }

    /// A text behind its length in 8 bits.
    pub fn text(&mut self) -> Result<&'a str, ModelError> {
        let length = usize::from(self.byte()?);
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("a text is no text"))
    }
}
