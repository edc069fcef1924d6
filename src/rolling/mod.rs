//! Rolling updates: the plan (pure), its execution through traits, and the journal that lets a second run continue.

pub mod discover;
pub mod facts;
pub mod plan;
pub mod selection;
pub mod settings;
pub mod world;
