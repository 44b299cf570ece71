{{- /* Names and labels. The rules of the permissions are in _rules.tpl, which is generated. */ -}}

{{- define "tidekeeper.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains "tidekeeper" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-tidekeeper" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tidekeeper.selector" -}}
app.kubernetes.io/name: {{ include "tidekeeper.fullname" . }}
{{- end -}}

{{- define "tidekeeper.labels" -}}
{{ include "tidekeeper.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: controller
app.kubernetes.io/part-of: tidekeeper
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tidekeeper.metadata" -}}
name: {{ include "tidekeeper.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "tidekeeper.labels" . | nindent 2 }}
{{- end -}}

{{- define "tidekeeper.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "tidekeeper.fullname" .) -}}
{{- end -}}

{{- define "tidekeeper.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* The namespace whose nodes are looked after; empty = all of them. */ -}}
{{- define "tidekeeper.watched" -}}
{{- if .Values.watchNamespace -}}
{{- .Values.watchNamespace -}}
{{- else if eq .Values.rbac.scope "namespace" -}}
{{- .Release.Namespace -}}
{{- end -}}
{{- end -}}
