//! The command line of cloud controller managers, which have the same flags on all clouds.

use kopsform_spec::cloud::Cloud;
use kopsform_spec::v1alpha2::CloudControllerManagerConfig;

/// The settings as flags, sorted; then what kops adds.
pub(super) fn arguments(config: &CloudControllerManagerConfig, cloud: Cloud) -> Vec<String> {
    let mut args = Vec::new();
    let mut flag = |name: &str, value: Option<String>| {
        args.extend(value.filter(|value| !value.is_empty()).map(|value| format!("--{name}={value}")));
    };
    let text = |value: &str| Some(value.to_owned());
    let switch = |value: Option<bool>| value.map(|on| on.to_string());
    flag("master", text(&config.master));
    flag("v", (config.log_level != 0).then(|| config.log_level.to_string()));
    flag("cloud-provider", text(&config.cloud_provider));
    flag("cluster-name", text(&config.cluster_name));
    flag("allow-untagged-cloud", switch(config.allow_untagged_cloud));
    flag("cluster-cidr", text(&config.cluster_cidr));
    flag("allocate-node-cidrs", switch(config.allocate_node_cidrs));
    flag("configure-cloud-routes", switch(config.configure_cloud_routes));
    flag("controllers", Some(config.controllers.join(",")));
    flag("cidr-allocator-type", config.cidr_allocator_type.clone());
    if let Some(election) = &config.leader_election {
        flag("leader-elect", switch(election.leader_elect));
        flag("leader-elect-lease-duration", election.leader_elect_lease_duration.map(|d| d.to_string()));
        flag("leader-elect-renew-deadline", election.leader_elect_renew_deadline_duration.map(|d| d.to_string()));
        flag("leader-elect-resource-lock", election.leader_elect_resource_lock.clone());
        flag("leader-elect-resource-name", election.leader_elect_resource_name.clone());
        flag("leader-elect-resource-namespace", election.leader_elect_resource_namespace.clone());
        flag("leader-elect-retry-period", election.leader_elect_retry_period.map(|d| d.to_string()));
    }
    flag("use-service-account-credentials", switch(config.use_service_account_credentials));
    flag("enable-leader-migration", switch(config.enable_leader_migration));
    flag("node-status-update-frequency", config.node_status_update_frequency.map(|d| d.to_string()));
    flag("concurrent-node-syncs", config.concurrent_node_syncs.map(|n| n.to_string()));
    args.sort();

    if config.log_level == 0 {
        args.push("--v=2".to_owned());
    }
    if config.cloud_provider.is_empty() {
        args.push(format!("--cloud-provider={}", cloud.name()));
    }
    if config.use_service_account_credentials.is_none() {
        args.push("--use-service-account-credentials=true".to_owned());
    }
    args.push("--cloud-config=/etc/kubernetes/cloud.config".to_owned());
    args
}
