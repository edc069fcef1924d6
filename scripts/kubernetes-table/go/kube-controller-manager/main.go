package main

import (
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"

	"table/dump"
)

func main() { dump.Write(dump.Component{}, app.NewControllerManagerCommand().Flags()) }
