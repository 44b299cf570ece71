{{- /* Written by `bun scripts/pages.ts` from src/seinode/crd/rbac.ts; a test says when it is stale. */ -}}

{{- define "tidekeeper.rules.nodes" -}}
- apiGroups:
    - sei.io
  resources:
    - seinodes
  verbs:
    - get
    - list
    - watch
    - patch
- apiGroups:
    - sei.io
  resources:
    - seinodes/status
  verbs:
    - patch
- apiGroups:
    - sei.io
  resources:
    - seinodes/finalizers
  verbs:
    - update
- apiGroups:
    - apps
  resources:
    - statefulsets
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - services
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - batch
  resources:
    - jobs
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - persistentvolumeclaims
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - pods
  verbs:
    - get
    - list
    - watch
    - delete
- apiGroups:
    - ""
  resources:
    - pods/proxy
  verbs:
    - get
    - create
- apiGroups:
    - events.k8s.io
  resources:
    - events
  verbs:
    - create
    - patch
    - list
{{- end -}}

{{- define "tidekeeper.rules.volumes" -}}
- apiGroups:
    - ""
  resources:
    - persistentvolumes
  verbs:
    - get
{{- end -}}

{{- define "tidekeeper.rules.rivals" -}}
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  resourceNames:
    - tidekeeper.sei.io
    - bc1f5b0a.sei.io
  verbs:
    - list
    - watch
{{- end -}}

{{- define "tidekeeper.rules.leases" -}}
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  resourceNames:
    - tidekeeper.sei.io
{{- if gt (int .Values.shards) 1 }}
{{- range $shard := until (int .Values.shards) }}
    - shard-{{ $shard }}.tidekeeper.sei.io
{{- end }}
{{- end }}
  verbs:
    - get
    - list
    - watch
    - create
    - patch
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  resourceNames:
    - bc1f5b0a.sei.io
  verbs:
    - get
    - list
    - watch
{{- end -}}
