//! Records and hosted zones.

use super::define::{block, resource};
use crate::value::Input;

resource! {
    /// A record that follows a load balancer.
    Route53Record("aws_route53_record", "DNSName") {
        /// The load balancer it follows.
        alias: RecordAlias,
        /// The full name, without a trailing dot.
        name: String,
        /// `A` or `AAAA`.
        r#type: String,
        /// The zone, `/hostedzone/Z…`.
        zone_id: Input,
    }
}

block! {
    /// What an alias record follows.
    RecordAlias {
        /// Whether an unhealthy target takes the record away; always false.
        evaluate_target_health: bool,
        /// The target's DNS name.
        name: Input,
        /// The target's own zone.
        zone_id: Input,
    }
}

resource! {
    /// Lets a VPC see a private zone.
    Route53ZoneAssociation("aws_route53_zone_association", "DNSZone") {
        /// The VPC.
        vpc_id: Input,
        /// The zone, `/hostedzone/Z…`.
        zone_id: Input,
    }
}
