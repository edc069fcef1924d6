//! Launch templates.

use super::Tags;
use super::define::{block, resource};
use crate::value::{DataFile, Input};

resource! {
    /// How instances of a group are started.
    LaunchTemplate("aws_launch_template", "LaunchTemplate") {
        /// Disks: the root, further ones by device, instance stores.
        block_device_mappings: Vec<BlockDeviceMapping>,
        /// CPU credits of bursting types.
        credit_specification: Option<CreditSpecification>,
        /// Whether disks have a network of their own.
        ebs_optimized: Option<bool>,
        /// What gives instances their role.
        iam_instance_profile: Option<LaunchTemplateProfile>,
        /// The image, `ami-…`.
        image_id: String,
        /// Spot.
        instance_market_options: Option<InstanceMarketOptions>,
        /// The instance type.
        instance_type: String,
        /// The SSH key.
        key_name: Option<Input>,
        /// How it is replaced.
        lifecycle: ReplaceBehaviour,
        /// The metadata service.
        metadata_options: Option<MetadataOptions>,
        /// CloudWatch.
        monitoring: Option<Monitoring>,
        /// Its name.
        name: String,
        /// The network interface.
        network_interfaces: Vec<NetworkInterface>,
        /// Shared or dedicated hardware.
        placement: Vec<Placement>,
        /// Tags of what it starts: instance, volume, network interface.
        tag_specifications: Vec<TagSpecification>,
        /// Its own tags.
        tags: Tags,
        /// What instances do first.
        user_data: Option<DataFile>,
    }
}

block! {
    /// A disk.
    BlockDeviceMapping {
        /// Its device, `/dev/xvda`.
        device_name: String,
        /// A volume.
        ebs: Option<Ebs>,
        /// An instance store, `ephemeral0`.
        virtual_name: Option<String>,
    }
}

block! {
    /// A volume of an instance.
    Ebs {
        /// Whether it goes with the instance.
        delete_on_termination: Option<bool>,
        /// Whether it is encrypted.
        encrypted: Option<bool>,
        /// Operations a second, where they are paid for.
        iops: Option<i64>,
        /// The key it is encrypted with.
        kms_key_id: Option<String>,
        /// MiB a second, where they are paid for.
        throughput: Option<i64>,
        /// GiB.
        volume_size: Option<i64>,
        /// `gp3` and the like.
        volume_type: Option<String>,
    }
}

block! {
    /// CPU credits of bursting types.
    CreditSpecification {
        /// `standard` or `unlimited`.
        cpu_credits: Option<String>,
    }
}

block! {
    /// The instance profile.
    LaunchTemplateProfile {
        /// Its name or id.
        name: Input,
    }
}

block! {
    /// How instances are bought.
    InstanceMarketOptions {
        /// `spot`.
        market_type: Option<String>,
        /// How Spot behaves.
        spot_options: Option<SpotOptions>,
    }
}

block! {
    /// How Spot behaves.
    SpotOptions {
        /// Minutes it is kept.
        block_duration_minutes: Option<i64>,
        /// `hibernate`, `stop` or `terminate`.
        instance_interruption_behavior: Option<String>,
        /// The most to pay an hour, in dollars.
        max_price: Option<String>,
    }
}

block! {
    /// Terraform's own rule for replacing a resource.
    ReplaceBehaviour {
        /// Whether the new one is made before the old one goes.
        create_before_destroy: bool,
    }
}

block! {
    /// The metadata service of instances.
    MetadataOptions {
        /// Always `enabled`.
        http_endpoint: Option<String>,
        /// Whether it answers over IPv6, `enabled` or `disabled`.
        http_protocol_ipv6: Option<String>,
        /// How far answers travel.
        http_put_response_hop_limit: Option<i64>,
        /// `required` (version 2) or `optional`.
        http_tokens: Option<String>,
    }
}

block! {
    /// CloudWatch.
    Monitoring {
        /// Whether metrics come every minute.
        enabled: Option<bool>,
    }
}

block! {
    /// A network interface.
    NetworkInterface {
        /// Whether it has a public IPv4 address.
        associate_public_ip_address: Option<bool>,
        /// Whether it goes with the instance.
        delete_on_termination: Option<bool>,
        /// How many IPv6 addresses it has.
        ipv6_address_count: Option<i64>,
        /// Its security groups.
        security_groups: Vec<Input>,
    }
}

block! {
    /// Where instances run.
    Placement {
        /// `default`, `dedicated` or `host`.
        tenancy: Option<String>,
    }
}

block! {
    /// Tags of what a launch template starts.
    TagSpecification {
        /// `instance`, `volume` or `network-interface`.
        resource_type: Option<String>,
        /// The tags.
        tags: Tags,
    }
}
