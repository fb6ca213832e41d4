/** The editor cuts longer messages itself, in the middle of whatever stands there. */
const LONGEST_MESSAGE = 600;

/**
 * A message that holds words from a file or a run record. Notifications turn `[words](command:id)` into a link that
 * runs a command of the editor: no file may write one.
 */
export function plainText(message: string): string {
  const plain = message.replace(/\](?=\()/g, '] ').replace(/\s+/g, ' ');
  return plain.length <= LONGEST_MESSAGE ? plain : `${plain.slice(0, LONGEST_MESSAGE - 1)}…`;
}

/** The same for texts in which `$(name)` draws an icon. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (');
}
