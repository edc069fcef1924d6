//! What the commands do, one file an operation, without clap.

pub mod api_credential;
pub mod channel;
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
pub mod documents;
pub mod edit;
pub mod export_kubeconfig;
pub mod facts;
pub mod get;
pub mod get_assets;
mod immutable_defaults;
pub mod instances;
pub mod keypairs;
pub mod kubectl_auth;
pub mod lock;
pub mod pki_report;
pub mod planned_write;
pub mod prepare;
pub mod replace;
pub mod rolling_update;
pub mod running_instances;
pub mod secrets;
mod spec_rules;
pub mod specs;
pub mod sshkeys;
pub mod stored_metadata;
pub mod stores;
pub mod sync;
pub mod template;
pub mod update_cluster;
pub mod upgrade_cluster;
pub mod uploads;
pub mod validate_cluster;
pub mod validate_spec;
pub mod version_skew;
