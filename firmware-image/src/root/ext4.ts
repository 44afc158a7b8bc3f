import { rm, stat, truncate, writeFile } from 'node:fs/promises'
import type { Toolbox } from '../archive/toolbox.ts'
import { MIB } from '../disk/layout.ts'
import { runTool } from './tool.ts'

export interface Ext4Options {
  readonly tools: Toolbox
  /** Folder whose content becomes the file system's; everything in it will belong to root. */
  readonly tree: string
  readonly image: string
  /** Size of the image; `fit`: as small as the content allows, which an update has to carry and write. */
  readonly sizeMib: number | 'fit'
  /** The one time of all files, seconds since 1970. */
  readonly epoch: number
  readonly uuid: string
  readonly label: string
  /** A slot is never written to while mounted and needs no journal; data does. */
  readonly isReadOnly: boolean
}

/** No U-Boot of Debian reads these. */
const withoutModernFeatures = '^metadata_csum,^64bit,^orphan_file,^has_journal,^resize_inode'

/**
 * Makes an ext4 image without mounting anything. The tree goes through a tar in sorted order, with one owner and one time:
 * mke2fs (1.47.1 or newer) reads that and `SOURCE_DATE_EPOCH`, so the same tree gives the same bytes, whoever builds it.
 */
export async function makeExt4(options: Ext4Options): Promise<void> {
  const { tools, tree, image, sizeMib, epoch, uuid, label, isReadOnly } = options
  const tar = `${image}.tar`
  const env = { ...tools.env, SOURCE_DATE_EPOCH: String(epoch) }
  try {
    await runTool(
      'tar',
      [
        '--create',
        `--file=${tar}`,
        '--format=gnu',
        '--sort=name',
        '--owner=0',
        '--group=0',
        '--numeric-owner',
        `--mtime=@${epoch}`,
        // No program of the appliance gives its caller somebody else's rights.
        '--mode=ug-s,go-w',
        '--hard-dereference',
        '-C',
        tree,
        '.',
      ],
      { env },
    )
    await writeFile(image, '')
    await truncate(image, (sizeMib === 'fit' ? fittingMib((await stat(tar)).size) : sizeMib) * MIB)
    await runTool(
      'mke2fs',
      [
        '-q',
        '-t',
        'ext4',
        ...(isReadOnly ? ['-O', withoutModernFeatures] : ['-O', '^orphan_file']),
        '-m',
        '0',
        '-L',
        label,
        '-U',
        uuid,
        '-E',
        `hash_seed=${uuid},lazy_itable_init=0,root_owner=0:0`,
        '-d',
        tar,
        image,
      ],
      { env },
    )
  } finally {
    await rm(tar, { force: true })
  }
}

/** A tar holds each file in blocks of 512 bytes; ext4 rounds up to 4096 and has tables of its own. */
const fittingMib = (tarBytes: number): number => Math.ceil((tarBytes * 1.08) / MIB / 8) * 8 + 16
