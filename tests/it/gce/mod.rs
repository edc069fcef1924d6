//! Operations on Google Cloud, on a simulated one.

mod apply;
mod teardown;
