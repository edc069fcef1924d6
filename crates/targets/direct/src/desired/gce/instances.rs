//! Instance templates, managed instance groups, and the disks of etcd.

use kopsform_model::gce::resources::{Accelerator, InstanceGroupManager, InstanceTemplate, PersistentDisk};
use kopsform_model::{In, NodeId};

use super::super::{Builder, task_of};
use super::load_balancers::pool_name;
use super::{SHARED_ACCOUNT, account_email, all_labels, in_network, in_subnetwork, labels_of_interest};
use crate::task::{Task, TaskId, TaskKind};
use crate::value::Value;

impl Builder<'_> {
    /// The template, and the account that the spec names.
    ///
    /// A template never changes: if none is exactly like this, one is created. So no field is ever changed: a template is
    /// identified by all of them.
    pub(in crate::desired) fn instance_template(&self, id: &NodeId, template: &InstanceTemplate) -> Vec<Task> {
        let (disk, interface) = (&template.boot_disk, &template.interface);
        let alias = interface.pods.iter().map(|pods| (pods.range.to_string(), format!("/{}", pods.prefix_length)));
        let provisioned = |value: i64| Some(value).filter(|value| *value > 0);
        let account = match &template.account {
            In::Existing(email) => email.clone(),
            In::Node(node) => account_email(self.graph, node).unwrap_or_default(),
        };
        let metadata = template.metadata.iter().map(|(key, value)| (key.clone(), value.to_string()));
        let task = Task::new(TaskKind::InstanceTemplate, id.name.as_str(), id.clone())
            .fixed("AliasIPRanges", Value::Map(alias.collect()))
            .fixed("BootDiskIOPS", provisioned(disk.iops))
            .fixed("BootDiskImage", format!("{}/{}", disk.image_project, disk.image))
            .fixed("BootDiskSizeGB", disk.size)
            .fixed("BootDiskThroughput", provisioned(disk.throughput))
            .fixed("BootDiskType", &disk.disk_type)
            .fixed("CanIPForward", template.can_ip_forward)
            .fixed("GuestAccelerators", Value::list(template.accelerators.iter().map(accelerator_text)))
            .fixed("HasExternalIP", interface.has_public_address)
            .fixed("Labels", all_labels(&template.labels))
            .fixed("MachineType", &template.machine_type)
            .fixed("Metadata", Value::Scripts(metadata.collect()))
            .initial("NamePrefix", template.name_prefix.trim_end_matches('-'))
            .fixed("Preemptible", template.spot)
            .fixed("Scheduling", scheduling_text(template))
            .fixed("Scopes", Value::list(&template.scopes))
            .fixed("ServiceAccounts", Value::list([&account]))
            .fixed("StackType", interface.stack.as_str())
            .fixed("Tags", Value::list(template.tags.iter().map(ToString::to_string)));
        let task = in_subnetwork(in_network(task, &interface.network), "Subnet", &interface.subnetwork);
        match &template.account {
            In::Node(node) => vec![task.after(task_of(TaskKind::ServiceAccount, node))],
            In::Existing(email) => {
                let mut shared = self.shared_account(email);
                shared.lifecycle = self.graph.node(id).map(|node| node.lifecycle).unwrap_or_default();
                vec![task.after(TaskId::new(TaskKind::ServiceAccount, SHARED_ACCOUNT)), shared]
            }
        }
    }

    /// The number of instances matters at first only: users and autoscalers change it.
    pub(in crate::desired) fn instance_group_manager(&self, id: &NodeId, manager: &InstanceGroupManager) -> Task {
        let pools: Vec<String> = manager.target_pools.iter().map(pool_name).collect();
        let task = Task::new(TaskKind::InstanceGroupManager, id.name.as_str(), id.clone())
            .fixed("BaseInstanceName", &manager.base_instance_name)
            .update("InstanceTemplate", task_of(TaskKind::InstanceTemplate, &manager.template))
            .update("ListManagedInstancesResults", "PAGINATED")
            .update("TargetPools", Value::set(&pools))
            .initial("TargetSize", manager.target_size)
            .update("UpdatePolicy", "REPLACE OPPORTUNISTIC")
            .initial("Zone", &manager.zone);
        pools.into_iter().fold(task, |task, pool| task.after(TaskId::new(TaskKind::TargetPool, pool)))
    }

    /// Labels of others are kept: backup tools find disks by theirs.
    pub(in crate::desired) fn persistent_disk(&self, id: &NodeId, disk: &PersistentDisk) -> Task {
        let mut task = Task::new(TaskKind::Disk, id.name.as_str(), id.clone())
            .update("Labels", labels_of_interest(&disk.labels))
            .fixed("SizeGB", disk.size)
            .fixed("VolumeType", &disk.disk_type)
            .initial("Zone", &disk.zone);
        // What is not set is for Google to choose.
        if let Some(iops) = disk.iops {
            task = task.fixed("VolumeIops", iops);
        }
        if let Some(throughput) = disk.throughput {
            task = task.fixed("VolumeThroughput", throughput);
        }
        task
    }
}

/// Accelerators on one line: `2 nvidia-tesla-t4`.
pub fn accelerator_text(accelerator: &Accelerator) -> String {
    format!("{} {}", accelerator.count, accelerator.accelerator_type)
}

/// When Google stops or moves instances, on one line: `STANDARD MIGRATE`.
fn scheduling_text(template: &InstanceTemplate) -> String {
    let model = if template.spot { "SPOT" } else { "STANDARD" };
    format!("{model} {}", if template.migrates { "MIGRATE" } else { "TERMINATE" })
}
