//! A text with its name, for places and excerpts.

use super::Position;
use crate::diagnostics::Location;

/// A text a person wrote, under the name they know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, or another name of the text.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The place of a line and column in this text, both from 1.
    pub fn location(&self, line: usize, column: usize) -> Location {
        Location { file: self.name.clone(), line, column }
    }

    /// The place of a node of this text.
    pub fn place(&self, position: Position) -> Location {
        self.location(position.line as usize, position.column as usize)
    }

    /// A line by its number from 1, without its line break.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.text.lines().nth((number as usize).checked_sub(1)?)
    }
}
