{{/* The parts that several templates share. */}}

{{- define "dsp.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "dsp.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dsp.labels" -}}
{{ include "dsp.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "dsp.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "dsp.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "dsp.image" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/* Every pod: not root, no token of the cluster's API, no identity but the namespace's default one. */}}
{{- define "dsp.pod" -}}
automountServiceAccountToken: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "dsp.locked" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* What dagster.yaml asks for. Daemon and webserver need no more: sensors and runs are evaluated by the code server. */}}
{{- define "dsp.database" -}}
- {name: DSP_MAX_CONCURRENT_RUNS, value: {{ .Values.maxConcurrentRuns | quote }}}
- name: DSP_POSTGRES_URL
  valueFrom:
    secretKeyRef: {name: {{ .Values.postgres.existingSecret }}, key: {{ .Values.postgres.key }}}
{{- end }}

{{/* The code server's settings; its runs inherit them. */}}
{{- define "dsp.settings" -}}
- {name: DSP_S3_ENDPOINT, value: {{ .Values.s3.endpoint | quote }}}
- {name: DSP_S3_REGION, value: {{ .Values.s3.region | quote }}}
- {name: DSP_S3_ADDRESSING, value: {{ .Values.s3.addressing | quote }}}
- {name: DSP_S3_VERIFY, value: {{ .Values.s3.verify | quote }}}
- {name: DSP_DROP_BUCKET, value: {{ .Values.s3.dropBucket | quote }}}
- {name: DSP_LAKE_BUCKET, value: {{ .Values.s3.lakeBucket | quote }}}
- {name: DSP_DASHBOARDS_BUCKET, value: {{ .Values.s3.dashboardsBucket | quote }}}
- {name: DSP_DASHBOARDS_URL, value: {{ .Values.s3.dashboardsUrl | quote }}}
- {name: DSP_DAGSTER_URL, value: {{ .Values.dagsterUrl | quote }}}
- {name: DSP_THREADS, value: {{ .Values.codeServer.threads | quote }}}
- {name: POLARS_MAX_THREADS, value: {{ .Values.codeServer.threads | quote }}}
- {name: OMP_NUM_THREADS, value: {{ .Values.codeServer.threads | quote }}}
- {name: OPENBLAS_NUM_THREADS, value: {{ .Values.codeServer.threads | quote }}}
- {name: OMP_WAIT_POLICY, value: PASSIVE}
- {name: MALLOC_ARENA_MAX, value: "2"}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- with .Values.s3.existingSecret }}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: {name: {{ $.Values.s3.existingSecret }}, key: {{ . }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "dsp.mounts" -}}
- {name: scratch, mountPath: /tmp}
- {name: storage, mountPath: /dagster/storage}
- {name: workspace, mountPath: /dagster/workspace.yaml, subPath: workspace.yaml, readOnly: true}
{{- end }}

{{- define "dsp.volumes" -}}
- {name: storage, emptyDir: {sizeLimit: 1Gi}}
- {name: workspace, configMap: {name: {{ include "dsp.name" . }}-workspace}}
{{- end }}

{{- define "dsp.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
