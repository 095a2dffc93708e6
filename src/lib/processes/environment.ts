// What a process that we start gets of our environment.

const secrets = [
  "ARMATURE_TOKEN",
  "ARMATURE_WEBHOOK_SECRET",
  "ARMATURE_REDIS_URL",
  "ARMATURE_CLOUD_TOKEN",
  "ARMATURE_CLOUD_PASSWORD",
];

/** The environment without what opens the door to the runtime, or to what it speaks with. */
export const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.includes(name)));
