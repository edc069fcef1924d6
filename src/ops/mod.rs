//! What the commands do, without a command line: a file per operation, and [`support`] for what they share.

pub mod api_credential;
pub mod check;
#[cfg(all(feature = "aws", feature = "kube"))]
pub mod cluster_access;
pub mod create;
pub mod create_cluster;
pub mod create_instance_group;
pub mod delete;
#[cfg(feature = "aws")]
pub mod delete_cluster;
pub mod delete_ig_cloud;
pub mod delete_instance;
pub mod edit;
pub mod export_kubeconfig;
pub mod get;
pub mod get_assets;
pub mod instances;
pub mod keypairs;
pub mod kubectl_auth;
pub mod lock;
pub mod pki_report;
pub mod replace;
pub mod rolling_update;
pub mod running_instances;
pub mod secrets;
mod spec_rules;
pub mod sshkeys;
pub mod support;
pub mod sync;
pub mod template;
pub mod update_cluster;
pub mod upgrade_cluster;
pub mod validate_cluster;
pub mod validate_spec;
pub mod version_skew;
