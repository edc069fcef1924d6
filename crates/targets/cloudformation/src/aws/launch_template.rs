//! Launch templates.

use serde_json::{Value, json};

use super::autoscaling::group_label;
use crate::declare::Declare;
use crate::error::SpecField;
use crate::resource::Stack;
use crate::site::{Body, Site};
use kopsform_model::Text;
use kopsform_model::aws::resources::{Disk, DiskContent, InstanceVolume, LaunchTemplate, SpotOptions};
use kopsform_spec::labels::INSTANCE_GROUP;

/// What instances start with that carries tags.
const TAGGED: [&str; 3] = ["instance", "volume", "network-interface"];

/// The most bytes of user data, before base64. Source: EC2's "Run commands when you launch an EC2 instance".
const MAX_USER_DATA: usize = 16_384;

impl Declare for LaunchTemplate {
    const TYPE: &'static str = "AWS::EC2::LaunchTemplate";
    const PREFIX: &'static str = "LaunchTemplate";
    const STACK: Stack = Stack::Groups(1, 0);

    fn label(name: &Text) -> String {
        group_label(name)
    }

    fn declare(&self, site: &mut Site<'_>) {
        if let Some(size) = self.user_data.as_ref().map(String::len).filter(|size| *size > MAX_USER_DATA) {
            let group = self.tags.get(INSTANCE_GROUP).unwrap_or(&self.name);
            site.unsupported(
                SpecField::of_group(group.as_str(), "spec.additionalUserData"),
                format!("the user data has {size} bytes, EC2 takes {MAX_USER_DATA}"),
                "set spec.compressUserData, or make the additional user data smaller",
            );
        }
        site.resource(|body| {
            let own = body.object([("ResourceType", &"launch-template".to_owned() as _), ("Tags", &self.tags as _)]);
            let data = self.data(body);
            body.set("LaunchTemplateData", data)
                .set("LaunchTemplateName", &self.name)
                .set("TagSpecifications", vec![own]);
        });
    }
}

trait Data {
    fn data(&self, body: &Body<'_>) -> Value;
}

impl Data for LaunchTemplate {
    fn data(&self, body: &Body<'_>) -> Value {
        let interface = &self.network_interface;
        let device =
            json!({ "DeleteOnTermination": true, "DeviceIndex": 0, "Ipv6AddressCount": interface.ipv6_addresses });
        let mut device = device.as_object().cloned().unwrap_or_default();
        device.extend(body.object([
            ("AssociatePublicIpAddress", &interface.public_ip as _),
            ("Groups", &interface.security_groups as _),
        ]));
        let metadata = json!({
            "HttpProtocolIpv6": if self.metadata.ipv6 { "enabled" } else { "disabled" },
            "HttpPutResponseHopLimit": self.metadata.hop_limit,
            "HttpTokens": self.metadata.tokens,
        });
        let tagged = |kind: &&str| body.object([("ResourceType", &(*kind).to_owned() as _), ("Tags", &self.tags as _)]);
        let disks: Vec<Value> = self.disks.iter().map(disk).collect();
        let user_data = self.user_data.as_ref().map(|text| json!({ "Fn::Base64": text }));
        Value::Object(body.object([
            ("BlockDeviceMappings", &disks as _),
            ("CreditSpecification", &self.cpu_credits.as_ref().map(|credits| json!({ "CpuCredits": credits })) as _),
            ("EbsOptimized", &self.ebs_optimized as _),
            ("IamInstanceProfile", &json!({ "Name": body.value(&self.profile) }) as _),
            ("ImageId", &self.image as _),
            ("InstanceMarketOptions", &self.spot.as_ref().map(spot) as _),
            ("InstanceType", &self.instance_type as _),
            ("KeyName", &self.key as _),
            ("MetadataOptions", &metadata as _),
            ("Monitoring", &json!({ "Enabled": self.detailed_monitoring }) as _),
            ("NetworkInterfaces", &vec![device] as _),
            ("Placement", &self.tenancy.as_ref().map(|tenancy| json!({ "Tenancy": tenancy })) as _),
            ("TagSpecifications", &TAGGED.iter().map(tagged).collect::<Vec<_>>() as _),
            ("UserData", &user_data as _),
        ]))
    }
}

fn disk(disk: &Disk) -> Value {
    match &disk.content {
        DiskContent::Volume(content) => json!({ "DeviceName": disk.device, "Ebs": volume(content) }),
        DiskContent::InstanceStore(number) => {
            json!({ "DeviceName": disk.device, "VirtualName": format!("ephemeral{number}") })
        }
    }
}

fn volume(volume: &InstanceVolume) -> Value {
    let mut value = json!({
        "DeleteOnTermination": volume.delete_on_termination,
        "Encrypted": volume.encrypted,
        "VolumeSize": volume.size,
        "VolumeType": volume.volume_type,
    });
    for (name, number) in [("Iops", volume.iops), ("Throughput", volume.throughput)] {
        if let Some(number) = number {
            value[name] = number.into();
        }
    }
    if let Some(key) = &volume.kms_key {
        value["KmsKeyId"] = key.as_str().into();
    }
    value
}

fn spot(options: &SpotOptions) -> Value {
    let mut spot = json!({ "MaxPrice": options.max_price });
    if let Some(minutes) = options.duration_minutes {
        spot["BlockDurationMinutes"] = minutes.into();
    }
    if let Some(behavior) = &options.interruption_behavior {
        spot["InstanceInterruptionBehavior"] = behavior.as_str().into();
    }
    json!({ "MarketType": "spot", "SpotOptions": spot })
}
