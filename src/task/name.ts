// The rule for the names of task types.

export const taskNamePattern = /^[a-z][a-z0-9_]*_task$/;

export const isTaskName = (name: string): boolean => taskNamePattern.test(name);

/** `crop_task` -> `crop`: what the microscope's clients call the action. */
export const actionOf = (taskName: string): string => taskName.replace(/_task$/, "");
