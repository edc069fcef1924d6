resource "aws_route53_record" "api" {
  alias {
    evaluate_target_health = false
    name                   = aws_lb.api.dns_name
    zone_id                = aws_lb.api.zone_id
  }
  name    = "api.${var.cluster_name}"
  type    = "A"
  zone_id = "/hostedzone/Z0CORPEXAMPLE0"
}

resource "aws_route53_record" "api-AAAA" {
  alias {
    evaluate_target_health = false
    name                   = aws_lb.api.dns_name
    zone_id                = aws_lb.api.zone_id
  }
  name    = "api.${var.cluster_name}"
  type    = "AAAA"
  zone_id = "/hostedzone/Z0CORPEXAMPLE0"
}

resource "aws_route53_record" "bastion" {
  alias {
    evaluate_target_health = false
    name                   = aws_lb.bastion.dns_name
    zone_id                = aws_lb.bastion.zone_id
  }
  name    = "bastion.${var.cluster_name}"
  type    = "A"
  zone_id = "/hostedzone/Z0CORPEXAMPLE0"
}

resource "aws_route53_record" "bastion-AAAA" {
  alias {
    evaluate_target_health = false
    name                   = aws_lb.bastion.dns_name
    zone_id                = aws_lb.bastion.zone_id
  }
  name    = "bastion.${var.cluster_name}"
  type    = "AAAA"
  zone_id = "/hostedzone/Z0CORPEXAMPLE0"
}
