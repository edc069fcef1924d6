//! AWS behind small traits.
