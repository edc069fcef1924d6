//! Manifests that kops puts into `addons/` of the state store, and the channel that lists them.
//!
//! An addon consists of a directory of YAML templates under `templates/addons/`, a file here with its condition and the
//! values of its templates ([`registry`] lists these in kops' build order), and its images in [`versions`]. [`finish`]
//! makes the changes common to all manifests (labels, roles of service accounts, registry mirrors).

mod addon_context;
mod amazon_vpc;
mod authentication_aws;
mod authentication_kopeio;
mod aws_cloud_controller;
mod aws_ebs_csi_driver;
mod aws_load_balancer_controller;
mod build;
mod calico;
mod cert_manager;
mod channel;
mod cilium;
mod cloud_controller;
mod cluster_autoscaler;
mod coredns;
mod dns_controller;
mod environment;
mod external_dns;
mod finish;
mod flannel;
mod gcp_cloud_controller;
mod gcp_pd_csi_driver;
mod gvisor;
mod karpenter;
mod kindnet;
mod kopeio;
mod kops_controller;
mod kube_dns;
mod kube_router;
mod kubelet_api_rbac;
mod limit_range;
mod metrics_server;
mod node_local_dns;
mod node_problem_detector;
mod node_termination_handler;
mod nvidia;
mod plan;
mod pod_identity_webhook;
mod pod_spec;
mod registry;
mod snapshot_controller;
mod storage_aws;
mod storage_gce;
pub mod versions;

pub use build::{Manifest, directories, images, managed_files, manifests};
pub use plan::AddonsError;
