//! What the commands do, one file an operation, without clap.

mod assigned;
pub mod channel;
pub mod check;
#[cfg(all(feature = "aws", feature = "kube"))]
pub mod cluster_access;
pub mod create;
pub mod delete;
pub mod delete_ig_cloud;
pub mod delete_instance;
pub mod documents;
pub mod edit;
pub mod facts;
pub mod get;
pub mod instances;
pub mod keypairs;
pub mod lock;
pub mod pki_report;
pub mod planned;
pub mod prepare;
pub mod replace;
pub mod rolling_update;
pub mod running_instances;
pub mod secrets;
pub mod specs;
pub mod sshkeys;
pub mod stored_form;
pub mod template;
pub mod update_cluster;
pub mod validate_cluster;
pub mod validate_spec;
