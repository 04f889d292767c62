/**
 * Files of the kernel that look empty from inside: what the engine hides by itself (moby, `oci/defaults.go`, of its
 * newest version), which a list of one's own replaces, and the host's boot parameters, where machines get secrets.
 */
export const MASKED_PATHS: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/cmdline",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
