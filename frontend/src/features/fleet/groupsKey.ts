/** Under which what is known of worker groups is kept. */
export const GROUPS_KEY = ["instance", "worker-groups"];
