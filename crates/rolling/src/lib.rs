//! Rolling updates: the plan (pure), its execution through traits, and the journal that lets a second run continue.

pub mod abort;
pub mod discover;
pub mod events;
pub mod execute;
pub mod facts;
pub mod health;
pub mod journal;
pub mod observe;
pub mod plan;
pub mod ports;
pub mod progress;
pub mod report;
pub mod selection;
pub mod settings;
pub mod teardown;
