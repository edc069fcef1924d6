package main

import (
	"k8s.io/kubernetes/cmd/kube-proxy/app"

	"table/dump"
)

func main() { dump.Write(dump.Component{}, app.NewProxyCommand().Flags()) }
