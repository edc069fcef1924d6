//! AWS as it is: how clients are made, and what runs there.
//!
//! [`aws`] is the one place that builds SDK clients. The other files turn what AWS says into the facts of [`crate::rolling`]
//! and perform its actions.

pub mod aws;

pub use aws::Clients;
