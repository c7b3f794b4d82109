//! Rows of few numbers among many columns.

/// A matrix by rows.
#[derive(Default)]
pub struct Rows {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    /// One more than the highest column that may occur.
    pub width: usize,
}

impl Rows {
    /// No rows yet.
    pub fn new(width: usize) -> Self {
        Self {
            starts: vec![0],
            width,
            ..Self::default()
        }
    }

    /// Adds a row; columns in any order, each once.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        for (column, value) in row {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// A row's columns and values.
    pub fn row(&self, at: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let range = self.starts[at]..self.starts[at + 1];
        let columns = self.columns[range.clone()].iter();
        columns.zip(&self.values[range]).map(|(c, v)| (*c as usize, *v))
    }

    /// The same rows over those columns alone that occur, and which these are.
    pub fn compact(&self) -> (Rows, Vec<u32>) {
        let mut number = vec![u32::MAX; self.width];
        for column in &self.columns {
            number[*column as usize] = 0;
        }
        let mut used = Vec::new();
        for (column, number) in number.iter_mut().enumerate().filter(|(_, n)| **n == 0) {
            *number = used.len() as u32;
            used.push(column as u32);
        }
        let columns = self.columns.iter().map(|column| number[*column as usize]).collect();
        let rows = Rows {
            starts: self.starts.clone(),
            columns,
            values: self.values.clone(),
            width: used.len(),
        };
        (rows, used)
    }

    /// Some of the rows, in this order.
    pub fn pick(&self, rows: &[usize]) -> Rows {
        let mut picked = Rows::new(self.width);
        for at in rows {
            picked.push(self.row(*at).map(|(c, v)| (c as u32, v)));
        }
        picked
    }
}
