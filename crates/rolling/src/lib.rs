//! Rolling updates and the deletion of clusters: decisions and their execution, without any cloud's API.
//!
//! An update runs through these modules, in order:
//!
//! - [`ports`]: the traits it acts through: cloud, Kubernetes API, clock, prompt. Clouds and `kopsform-kube` implement them.
//! - [`observe`] and [`discover`]: one observation of the cluster, joined into [`facts`]. [`selection`] picks the groups.
//! - [`plan`]: facts to ordered steps with reasons; pure. [`settings`] resolves surge and unavailability of a group.
//! - [`execute`]: performs the steps, drains nodes and waits for [`health`] between them.
//! - [`journal`]: records each step in the state store (`.kopsform/<cluster>/rolling-update/`), so that an interrupted run
//!   continues; [`abort`] reverts what it left.
//! - [`events`], [`progress`] and [`report`]: what the user sees while and before it runs.
//!
//! [`teardown`] decides which resources belong to a cluster and deletes them in order.

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
